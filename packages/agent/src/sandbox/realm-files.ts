import { fileURLToPath } from "node:url";

/** Where the bundler puts what Deno runs. The same path from `src` and from `dist`, so tests use the built files too. */
export const realmFolder = fileURLToPath(new URL("../../dist/realm/", import.meta.url));
export const mainRealmFile = `${realmFolder}main.js`;
export const cpuProgramFile = `${realmFolder}cpu-program.js`;
export const gpuProgramFile = `${realmFolder}gpu-program.js`;
export const importMapFile = `${realmFolder}import-map.json`;
/** What meters modules, without the realm around it: for measuring. */
export const meterFile = fileURLToPath(new URL("./realm/wasm/fuel/meter.js", import.meta.url));

/**
 * Run by `npm run bundle`: writes the files that Deno runs, `dist/realm/main.js` and `dist/realm/import-map.json`, and
 * the programs that measure cores and graphics cards.
 * The Worker's source is text inside the main realm's, since the process may read no file.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { importMap } from "./realm/import-map.js";
import { cpuProgramFile, gpuProgramFile, importMapFile, mainRealmFile, realmFolder } from "./realm-files.js";

const options = { bundle: true, format: "esm", target: "es2024", write: false, platform: "browser" } as const;

async function bundled(entry: string, more: BuildOptions = {}): Promise<string> {
  const path = fileURLToPath(new URL(`./${entry}`, import.meta.url));
  const result = await build({ ...options, ...more, entryPoints: [path], write: false });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`bundling ${entry} gave no file`);
  return file.text;
}

const workerSource = await bundled("realm/worker.js");
const mainSource = await bundled("realm/main.js", { define: { workerSource: JSON.stringify(workerSource) } });
await mkdir(realmFolder, { recursive: true });
await writeFile(mainRealmFile, mainSource);
await writeFile(cpuProgramFile, await bundled("realm/programs/cpu-speed.js"));
await writeFile(gpuProgramFile, await bundled("realm/programs/gpu-speed.js"));
await writeFile(importMapFile, JSON.stringify(importMap, null, 1));

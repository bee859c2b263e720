/**
 * Writes `dist/bundle.js`: all of core in one file, with what it takes from its libraries. TypeBox alone is 700 modules,
 * and to open them took half of the time that `aegis` needed to start.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const dist = new URL("../dist/", import.meta.url);
await build({
  entryPoints: [fileURLToPath(new URL("index.js", dist))],
  outfile: fileURLToPath(new URL("bundle.js", dist)),
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  target: "es2024",
});

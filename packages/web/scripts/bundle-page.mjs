/** Writes `dist/aegis-federated.js`: all that a page needs, in one module, and says how large it is. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const outfile = "dist/aegis-federated.js";
await build({
  entryPoints: ["dist/index.js"],
  outfile,
  bundle: true,
  format: "esm",
  // takes the browser's door of each package; what would need Node.js is an error
  platform: "browser",
  mainFields: ["module", "main"],
  minify: true,
  sourcemap: true,
  legalComments: "inline",
  target: ["chrome120", "firefox121", "safari17.4"],
});

const bytes = await readFile(outfile);
const kibibytes = (length) => `${Math.ceil(length / 1024)} KiB`;
// under `npm run --silent` what is written belongs to what comes after the build, such as a benchmark's JSON
if (process.env.npm_config_loglevel !== "silent")
  console.log(`${outfile}: ${kibibytes(bytes.length)}, ${kibibytes(gzipSync(bytes).length)} by gzip`);

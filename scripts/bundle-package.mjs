/**
 * Writes `dist/bundle.js` of the package in the current folder: all of it in one file, with what it takes from libraries that come in many
 * modules (TypeBox alone is 700). To open them one by one took half of the time that `aegis` needed to start.
 */
import { build } from "esbuild";

await build({
  entryPoints: ["dist/index.js"],
  outfile: "dist/bundle.js",
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  // what other packages share stays one, so that its classes are the same for all; `ws` is CommonJS, which wants Node.js's own modules
  external: ["node:*", "@aegis-pool/*", "ws"],
  target: "es2024",
});

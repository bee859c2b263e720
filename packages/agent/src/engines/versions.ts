import { createRequire } from "node:module";
import type { EngineName } from "./engine.js";

const { dependencies } = createRequire(import.meta.url)("../../package.json") as {
  dependencies: Readonly<Record<"deno" | "onnxruntime-web", string>>;
};
const deno = `deno-${dependencies.deno}`;

/** Each engine and its version as they stand in receipts. The package pins them exactly, so what is listed is what runs. */
export const engineVersions: Readonly<Record<EngineName, string>> = {
  js: `js ${deno}`,
  wasm: `wasm wasi-preview1 ${deno}`,
  webgpu: `webgpu ${deno}`,
  onnx: `onnx onnxruntime-web-${dependencies["onnxruntime-web"]} ${deno}`,
};

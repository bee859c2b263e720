import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { EngineName, MissingEngine } from "./engine.js";

/** What an engine needs besides our own realm, handed over the pipe since the process may read no file. */
export type Assets =
  | { readonly ok: true; read(): Promise<Uint8Array[]> }
  | { readonly ok: false; readonly missing: Omit<MissingEngine, "engine"> };

const onnxFiles = ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"];

/** The files of `engine`, in the order its adapter expects. */
export function assetsOf(engine: EngineName): Assets {
  if (engine !== "onnx") return { ok: true, read: async () => [] };
  const folder = onnxFolder();
  if (folder !== undefined)
    return { ok: true, read: () => Promise.all(onnxFiles.map((file) => readFile(join(folder, file)))) };
  return { ok: false, missing: { why: "onnxruntime-web is not installed", howToGet: "run `npm install`" } };
}

function onnxFolder(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
  } catch {
    return undefined;
  }
}

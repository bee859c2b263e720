import { AegisError, type EngineName } from "@aegis-pool/core";

/** Something that an engine runs. */
export interface Program {
  readonly engine: EngineName;
  readonly bytes: Uint8Array;
}

/** A function that stands alone: it uses its parameters and what every JavaScript engine has, nothing else of its module. */
export type StandaloneFunction<Input, Output> = (
  input: Input,
  context: { readonly shared: unknown },
) => Output | Promise<Output>;

/** A `js` program: the source of an ES module with a default export `(input, context) => output`. */
export function jsProgram(source: string | Uint8Array): Program {
  return { engine: "js", bytes: typeof source === "string" ? Buffer.from(source) : source };
}

/** A `webgpu` program: the same as for `js`, on a machine that lends a graphics card; it has `navigator.gpu`. */
export function webgpuProgram(source: string | Uint8Array): Program {
  return { ...jsProgram(source), engine: "webgpu" };
}

/** A `js` program from a function's own source text. */
export function functionProgram<Input, Output>(run: StandaloneFunction<Input, Output>): Program {
  const source = run.toString();
  if (source.includes("[native code]")) {
    throw new AegisError({
      code: "bad-argument",
      message: "A bound or built-in function has no source to send.",
      next: "Give an arrow function, or a program by jsProgram(source).",
    });
  }
  return jsProgram(`export default ${source};\n`);
}

/** A `wasm` program: a WASI preview 1 command; its input is stdin, its output stdout. */
export function wasmProgram(bytes: Uint8Array): Program {
  return { engine: "wasm", bytes };
}

/** An `onnx` program: a model; its input and output are tensors in safetensors form. */
export function onnxProgram(bytes: Uint8Array): Program {
  return { engine: "onnx", bytes };
}

/**
 * Entry of a process that `deno run -A` runs: the same engines on the same program bytes without any wall, Worker or
 * hardening. Each line on stdin asks for one run; each line on stdout says that one has ended.
 */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

/** What is used of it: the types of Node.js have none. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: Record<string, () => void> }>;
};

const [engine = "", programFile = "", ...assetFiles] = process.argv.slice(2);
const program = await readFile(programFile);
const run = await prepare();

for await (const line of createInterface({ input: process.stdin })) {
  await run(line);
  process.stdout.write("done\n");
}

function prepare(): Promise<(input: string) => unknown> {
  if (engine === "js") return prepareJs();
  return engine === "wasm" ? prepareWasm() : prepareOnnx();
}

async function prepareJs() {
  const module = (await importSource(program)) as { default: (input: unknown) => unknown };
  return (input: string) => module.default(JSON.parse(input));
}

async function prepareWasm() {
  const module = await WebAssembly.compile(program);
  return async () => {
    const { exports } = await WebAssembly.instantiate(module, {});
    exports["_start"]?.();
  };
}

interface OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number; wasmBinary: Uint8Array }; logLevel: string };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => object;
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{ run(feeds: object): Promise<object> }>;
  };
}

/** With one thread, as in the sandbox. */
async function prepareOnnx() {
  const [script, binary] = await Promise.all(assetFiles.map((path) => readFile(path)));
  // its loader takes what has a window for a browser, and so takes the same way as in the sandbox
  Object.assign(globalThis, { window: globalThis });
  const ort = (await importSource(script ?? new Uint8Array())) as OnnxRuntime;
  Object.assign(ort.env.wasm, { numThreads: 1, wasmBinary: binary });
  ort.env.logLevel = "error";
  const session = await ort.InferenceSession.create(program, { executionProviders: ["wasm"] });
  return () => session.run({ factor: new ort.Tensor("float32", Float32Array.of(1), [1]) });
}

function importSource(source: Uint8Array): Promise<unknown> {
  return import(`data:text/javascript;base64,${Buffer.from(source).toString("base64")}`);
}

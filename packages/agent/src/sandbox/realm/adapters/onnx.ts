import type * as Ort from "onnxruntime-web";
import { Failure } from "../failures.js";
import { importBytes } from "../import-bytes.js";
import { decodeSafetensors, encodeSafetensors, type RawTensor } from "../safetensors.js";
import { tagBytes, untag } from "../values.js";
import type { MakeAdapter } from "./adapter.js";
import { tensorTypes } from "./tensor-types.js";

/** Taken before the realm was hardened: onnxruntime's build for threads needs them even with one thread. */
const shared = { SharedArrayBuffer, Atomics };

/** An ONNX model; input and output are safetensors with the model's own names. The session lives as long as the job. */
export const onnxAdapter: MakeAdapter = async ({ assets: [script, binary] }) => {
  if (script === undefined || binary === undefined)
    throw new Failure("program-invalid", "onnxruntime was not handed over");
  const ort = await startOnnxRuntime(script, binary);
  let session: Ort.InferenceSession;
  return {
    load: async ({ program }) => {
      session = await createSession(ort, program);
    },
    run: async (input) => {
      const feeds = feedsOf(ort, session, decodeSafetensors(untag(input)));
      const outputs = await session.run(feeds);
      return tagBytes(
        encodeSafetensors(new Map(session.outputNames.map((name) => [name, rawOf(name, outputs[name])]))),
      );
    },
  };
};

async function startOnnxRuntime(script: Uint8Array, binary: Uint8Array): Promise<typeof Ort> {
  // Its loader takes what has a window for a browser, and asks nothing else of it.
  Object.assign(globalThis, shared, { window: globalThis });
  const ort = (await importBytes(script)) as unknown as typeof Ort;
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = binary;
  ort.env.logLevel = "error";
  await warmUp(ort);
  return ort;
}

/** Compiles and starts the WASM binary now, so that it belongs to the engine's baseline and not to the job. */
async function warmUp(ort: typeof Ort): Promise<void> {
  // The empty model is refused, but only after everything has started.
  await ort.InferenceSession.create(new Uint8Array()).catch(() => {});
}

async function createSession(ort: typeof Ort, model: Uint8Array): Promise<Ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  } catch (error) {
    throw new Failure("program-invalid", String(error));
  }
}

function feedsOf(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  tensors: ReadonlyMap<string, RawTensor>,
): Record<string, Ort.Tensor> {
  const feeds: Record<string, Ort.Tensor> = {};
  for (const name of session.inputNames) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Failure("input-invalid", `the model's input ${name} is not in the input`);
    feeds[name] = tensorOf(ort, name, tensor);
  }
  return feeds;
}

function tensorOf(ort: typeof Ort, name: string, { dtype, shape, bytes }: RawTensor): Ort.Tensor {
  const type = tensorTypes.find((known) => known.dtype === dtype);
  if (type === undefined)
    throw new Failure("input-invalid", `the input ${name} is of type ${dtype}, which no model takes here`);
  try {
    const data = new type.Elements(bytes.buffer);
    return new ort.Tensor(type.onnx as "float32", data as Float32Array, shape);
  } catch (error) {
    throw new Failure("input-invalid", `the input ${name} does not fit its shape: ${String(error)}`);
  }
}

function rawOf(name: string, tensor: Ort.Tensor | undefined): RawTensor {
  const type = tensorTypes.find((known) => known.onnx === tensor?.type);
  if (tensor === undefined || type === undefined) {
    throw new Failure(
      "program-invalid",
      `the output ${name} is of type ${tensor?.type}, which safetensors cannot hold`,
    );
  }
  const { buffer, byteOffset, byteLength } = tensor.data as Uint8Array<ArrayBuffer>;
  return { dtype: type.dtype, shape: tensor.dims, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

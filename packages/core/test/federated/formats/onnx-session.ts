import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1; // more would be workers, which a test run need not start
ort.env.logLevel = "error";

/** What an ONNX model says of a matrix of `columns` columns: its outputs by name. */
export async function runOnnx(model: Uint8Array, input: string, values: Float32Array, columns: number) {
  const session = await ort.InferenceSession.create(model);
  const outputs = await session.run({ [input]: new ort.Tensor("float32", values, [values.length / columns, columns]) });
  await session.release();
  return { logit: floats(outputs["logit"]), probability: floats(outputs["probability"]) };
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (tensor?.type !== "float32" || tensor.dims[1] !== 1) throw new TypeError("expected a column of floats");
  return tensor.data as Float32Array;
}

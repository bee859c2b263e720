import { expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/sandbox/realm/safetensors.js";
import type { RunOutcome } from "../../src/engines/index.js";
import { onnxModel } from "./support/onnx-model.js";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { describeWithAndWithoutBubblewrap } from "./support/variants.js";

/** y = x W + b, with W of 3 by 2. */
const affine = onnxModel({
  nodes: [
    { op: "MatMul", inputs: ["x", "W"], outputs: ["product"] },
    { op: "Add", inputs: ["product", "b"], outputs: ["y"] },
  ],
  inputs: { x: [2, 3] },
  outputs: { y: [2, 2], product: [2, 2] },
  weights: { W: { shape: [3, 2], values: [1, -2, 3, 0.5, -1, 4] }, b: { shape: [2], values: [10, -10] } },
});

function floats(
  shape: readonly number[],
  values: readonly number[],
): Parameters<typeof encodeSafetensors>[0] extends ReadonlyMap<string, infer Tensor> ? Tensor : never {
  return { dtype: "F32", shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

function outputsOf(outcome: RunOutcome): Record<string, { shape: readonly number[]; values: number[] }> {
  const tensors = decodeSafetensors(valueOf(outcome) as Uint8Array);
  return Object.fromEntries(
    Array.from(tensors, ([name, { shape, bytes }]) => [name, { shape, values: [...new Float32Array(bytes.buffer)] }]),
  );
}

const input = (values: readonly number[]): Uint8Array =>
  tagged(encodeSafetensors(new Map([["x", floats([2, 3], values)]])));

await describeWithAndWithoutBubblewrap("the onnx engine", (open) => {
  it("computes every output of a model, run after run in one session", async () => {
    const runtime = await open("onnx", affine);
    expect(outputsOf(await runtime.run(input([1, 2, 3, -4, 5, 0.5])))).toEqual({
      y: { shape: [2, 2], values: [14, 1, 20.5, 2.5] },
      product: { shape: [2, 2], values: [4, 11, 10.5, 12.5] },
    });
    expect(outputsOf(await runtime.run(input([0, 0, 0, 0, 0, 2])))["y"]).toEqual({
      shape: [2, 2],
      values: [10, -10, 8, -2],
    });
    await runtime.close();
  });

  it("refuses an input that is no safetensors, lacks a tensor or contradicts its shape, and goes on", async () => {
    const runtime = await open("onnx", affine);
    const otherName = encodeSafetensors(new Map([["z", floats([1], [1])]]));
    const wrongShape = encodeSafetensors(new Map([["x", floats([2, 3], [1, 2])]]));
    for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(16), otherName, wrongShape]) {
      expect(reasonOf(await runtime.run(tagged(bytes)))).toBe("input-invalid");
    }
    expect(outputsOf(await runtime.run(input([0, 0, 0, 0, 0, 2])))["y"]?.values).toEqual([10, -10, 8, -2]);
    await runtime.close();
  });

  it("calls a corrupt model invalid", async () => {
    const corrupt = affine.slice();
    corrupt.fill(255, 10, 60);
    for (const model of [corrupt, new Uint8Array(), affine.subarray(0, 40)]) {
      const runtime = await open("onnx", model);
      expect(reasonOf(await runtime.run(input([1, 2, 3, 4, 5, 6])))).toBe("program-invalid");
      await runtime.close();
    }
  });
});

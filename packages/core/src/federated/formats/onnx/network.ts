import type { Model } from "../../training/network.js";
import { networkTensors } from "../network-tensors.js";
import { type OnnxNode, writeOnnx } from "./graph.js";

const operators = { relu: "Relu", tanh: "Tanh" };

/**
 * A logistic regression or network as an ONNX model. Input: `features`, a matrix of one record a row, as `encode` makes it. Outputs, of one column
 * each: `logit`, as `logitsOf` says it, and `probability` of label 1.
 * @param metadata free text by key, such as what privacy it was trained with; none by default
 * @throws {RangeError} for a shape that cannot be, or parameters that are not its own or not finite
 */
export function networkToOnnx(model: Model, metadata: ReadonlyMap<string, string> = new Map()): Uint8Array {
  const { shape, parameters } = model;
  if (!parameters.every(Number.isFinite)) throw new RangeError("A parameter of the network is not finite.");
  const layers = shape.widths.length - 1;
  const graph = {
    name: "network",
    nodes: [
      ...Array.from({ length: layers }, (_, index) =>
        layerNodes(index, index === layers - 1, operators[shape.activation]),
      ),
      [{ op: "Sigmoid", inputs: ["logit"], outputs: ["probability"] }],
    ].flat(),
    constants: networkTensors(model),
    inputs: { features: shape.widths[0] ?? 0 },
    outputs: { logit: 1, probability: 1 },
  };
  return writeOnnx(graph, metadata);
}

/** Weighted sums of what came before, and, but for the last layer, what the activation makes of them. */
function layerNodes(index: number, isLast: boolean, activation: string): OnnxNode[] {
  const before = index === 0 ? "features" : `hidden${index - 1}`;
  const sum = isLast ? "logit" : `sum${index}`;
  const attributes = { transB: { int: 1 } };
  const inputs = [before, `layer${index}.weight`, `layer${index}.bias`];
  const gemm: OnnxNode = { op: "Gemm", inputs, outputs: [sum], attributes };
  return isLast ? [gemm] : [gemm, { op: activation, inputs: [sum], outputs: [`hidden${index}`] }];
}

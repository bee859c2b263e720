import { layersOf, type Model } from "../../training/network.js";
import { type OnnxConstant, type OnnxNode, writeOnnx } from "./graph.js";

/**
 * A logistic regression or network as an ONNX model. Input: `features`, a matrix of one record a row, as `encode` makes it. Outputs, of one column
 * each: `logit`, as `logitsOf` says it, and `probability` of label 1.
 * @param metadata free text by key, such as what privacy it was trained with; none by default
 * @throws {RangeError} for a shape that cannot be, or parameters that are not its own or not finite
 */
export function networkToOnnx(
  { shape, parameters }: Model,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const layers = layersOf(shape);
  const last = layers.at(-1);
  const count = last ? last.biases + last.outputs : 0;
  if (parameters.length !== count || !parameters.every(Number.isFinite)) {
    throw new RangeError(`A network of widths [${shape.widths.join(", ")}] has ${count} finite parameters.`);
  }
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  let previous = "features";
  for (const [index, { inputs, outputs, weights, biases }] of layers.entries()) {
    const isLast = index === layers.length - 1;
    const [weightName, biasName, sum] = [
      `layer${index}.weight`,
      `layer${index}.bias`,
      isLast ? "logit" : `sum${index}`,
    ];
    constants.push(
      { name: weightName, shape: [outputs, inputs], values: parameters.subarray(weights, biases) },
      { name: biasName, shape: [outputs], values: parameters.subarray(biases, biases + outputs) },
    );
    const attributes = { transB: { int: 1 } };
    nodes.push({ op: "Gemm", inputs: [previous, weightName, biasName], outputs: [sum], attributes });
    previous = isLast ? sum : `hidden${index}`;
    if (!isLast) nodes.push({ op: operators[shape.activation], inputs: [sum], outputs: [previous] });
  }
  nodes.push({ op: "Sigmoid", inputs: ["logit"], outputs: ["probability"] });
  const columns = { logit: 1, probability: 1 };
  const graph = { name: "network", nodes, constants, inputs: { features: shape.widths[0] ?? 0 }, outputs: columns };
  return writeOnnx(graph, metadata);
}

const operators = { relu: "Relu", tanh: "Tanh" };

import { layersOf, type Model } from "../training/network.js";
import type { ModelTensor } from "./model-tensors.js";

/**
 * The parameters of a network by name: `layer0.weight` (outputs x inputs), `layer0.bias`, and so on, as libraries for deep learning hold them. One
 * after another they are the network's `parameters`, so that an update read by {@link readUpdate} is one of these, value by value.
 * @throws {RangeError} for a shape that cannot be, or parameters that are not its own
 */
export function networkTensors({ shape, parameters }: Model): ModelTensor[] {
  const layers = layersOf(shape);
  const last = layers.at(-1);
  const count = last ? last.biases + last.outputs : 0;
  if (parameters.length !== count) {
    throw new RangeError(
      `A network of widths [${shape.widths.join(", ")}] has ${count} parameters, not ${parameters.length}.`,
    );
  }
  return layers.flatMap(({ inputs, outputs, weights, biases }, index) => [
    { name: `layer${index}.weight`, shape: [outputs, inputs], values: parameters.subarray(weights, biases) },
    { name: `layer${index}.bias`, shape: [outputs], values: parameters.subarray(biases, biases + outputs) },
  ]);
}

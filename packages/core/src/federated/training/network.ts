import { firstNotFinite } from "../vectors.js";

/** The form of a model of one output: the logit of "label is 1". A logistic regression is a network without hidden layers. */
export interface NetworkShape {
  /** Columns of a row, then the width of each hidden layer, if any, then 1. Each 1 to 65,536; at most 10 of them. */
  readonly widths: readonly number[];
  /** Of hidden layers; without effect where there are none. */
  readonly activation: "relu" | "tanh";
}

/** A network and its parameters. */
export interface Model {
  readonly shape: NetworkShape;
  /** Layer after layer: weights as rows of one output each (`outputs` x `inputs`), then `outputs` biases. */
  readonly parameters: Float32Array;
}

/** Where one layer's parameters lie. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Of the first weight; weight (output, input) is `output * inputs + input` further. */
  readonly weights: number;
  /** Of the first bias. */
  readonly biases: number;
}

/** Columns of the largest layer that is taken. */
const mostWidth = 65_536;
const mostWidths = 10;

/** The layers of a network, first to last. @throws RangeError for widths out of range, or where the last is not 1 */
export function layersOf(shape: NetworkShape): Layer[] {
  checkWidths(shape.widths);
  let at = 0;
  return shape.widths.slice(1).map((outputs, index) => {
    const inputs = shape.widths[index]!;
    const weights = at;
    const biases = weights + inputs * outputs;
    at = biases + outputs;
    return { inputs, outputs, weights, biases };
  });
}

function checkWidths(widths: readonly number[]): void {
  const fits = widths.every((width) => Number.isSafeInteger(width) && width >= 1 && width <= mostWidth);
  if (!fits || widths.length < 2 || widths.length > mostWidths || widths.at(-1) !== 1) {
    throw new RangeError(
      `A network's widths are 2 to ${mostWidths} numbers of 1 to ${mostWidth}, the last 1; not [${widths.join(", ")}].`,
    );
  }
}

/** How many parameters a network has. @throws RangeError as `layersOf` */
export function parameterCount(shape: NetworkShape): number {
  const last = layersOf(shape).at(-1)!;
  return last.biases + last.outputs;
}

/** @throws RangeError where a model's parameters are not as many as its shape has, or not finite; or as `layersOf` */
export function checkModel({ shape, parameters }: Model): void {
  const count = parameterCount(shape);
  if (parameters.length !== count) {
    throw new RangeError(
      `A network of [${shape.widths.join(", ")}] has ${count} parameters, not ${parameters.length}.`,
    );
  }
  const bad = firstNotFinite(parameters);
  if (bad >= 0) throw new RangeError(`Parameter ${bad} of the model is ${parameters[bad]}: all must be finite.`);
}

/**
 * A model to begin with. Biases are 0, and so are all parameters of a logistic regression; weights of other networks are uniform in +-sqrt(6 / (inputs + outputs))
 * (Glorot and Bengio, AISTATS 2010, equation 16). Only exact arithmetic and square roots are used: whoever draws from the same generator has the
 * same model to the bit, in every engine.
 *
 * @param random uniform in [0, 1), from a seed that all participants share
 * @throws RangeError as `layersOf`
 */
export function initialModel(shape: NetworkShape, random: () => number): Model {
  const parameters = new Float32Array(parameterCount(shape));
  const layers = layersOf(shape);
  if (layers.length === 1) return { shape, parameters };
  for (const { inputs, outputs, weights, biases } of layers) {
    const bound = Math.sqrt(6 / (inputs + outputs));
    for (let at = weights; at < biases; at++) parameters[at] = (2 * random() - 1) * bound;
  }
  return { shape, parameters };
}

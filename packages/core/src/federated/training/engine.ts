import { type Layer, layersOf, type NetworkShape } from "./network.js";
import { multiply, type Strided } from "./product.js";

/** Rows that are worked on together: `count` of them, row after row from the start of `values`. */
export interface Batch {
  readonly values: Float32Array;
  readonly labels: Float32Array;
  readonly count: number;
}

/** What one layer works in, for a whole batch. */
interface Work {
  readonly layer: Layer;
  /** Weighted sums, then, in place, what the activation makes of them. */
  readonly outputs: Float32Array;
  /** Of the loss by the weighted sums. */
  readonly gradients: Float32Array;
}

/**
 * Forward and backward passes of one network over batches, in buffers that are used again: nothing is allocated per batch. Loss is binary cross-entropy of
 * the logit. The same calls give the same values to the bit.
 */
export class NetworkEngine {
  readonly #shape: NetworkShape;
  readonly #works: readonly Work[];
  readonly #mostRows: number;

  /** @param mostRows of one batch, at least 1 @throws RangeError as `layersOf` */
  constructor(shape: NetworkShape, mostRows: number) {
    if (!Number.isSafeInteger(mostRows) || mostRows < 1) throw new RangeError(`A batch of ${mostRows} rows cannot be.`);
    this.#shape = shape;
    this.#mostRows = mostRows;
    this.#works = layersOf(shape).map((layer) => ({
      layer,
      outputs: new Float32Array(mostRows * layer.outputs),
      gradients: new Float32Array(mostRows * layer.outputs),
    }));
  }

  /** The layers, first to last. */
  get layers(): readonly Layer[] {
    return this.#works.map(({ layer }) => layer);
  }

  /** One logit per row, in a buffer that the next call overwrites. @throws RangeError for more rows than `mostRows` */
  logits(parameters: Float32Array, values: Float32Array, count: number): Float32Array {
    if (count > this.#mostRows) throw new RangeError(`${count} rows are more than the ${this.#mostRows} of a batch.`);
    let inputs = values;
    for (const [index, { layer, outputs }] of this.#works.entries()) {
      multiply(
        rowsOf(inputs, layer.inputs),
        { ...rowsOf(parameters, layer.inputs), start: layer.weights },
        rowsOf(outputs, layer.outputs),
        count,
        layer.outputs,
        layer.inputs,
      );
      const isLast = index === this.#works.length - 1;
      finish(outputs, parameters, layer, count, isLast ? "none" : this.#shape.activation);
      inputs = outputs;
    }
    return inputs.subarray(0, count);
  }

  /** The summed loss of the batch. @throws RangeError for more rows than `mostRows` */
  lossOf(parameters: Float32Array, batch: Batch): number {
    const logits = this.logits(parameters, batch.values, batch.count);
    let loss = 0;
    for (let row = 0; row < batch.count; row++) loss += crossEntropy(logits[row]!, batch.labels[row]!);
    return loss;
  }

  /**
   * Writes the gradient of the batch's *summed* loss into `gradient`, over whatever was there.
   *
   * @returns the summed loss
   * @throws RangeError for more rows than `mostRows`
   */
  gradientOfLoss(parameters: Float32Array, batch: Batch, gradient: Float32Array): number {
    const loss = this.backward(parameters, batch);
    this.sumRows(batch, gradient);
    return loss;
  }

  /** Writes the sum over the batch's rows of what `backward` worked out, as gradients of the parameters, over whatever was there. */
  sumRows({ values, count }: Batch, gradient: Float32Array): void {
    for (const [index, { layer, gradients }] of this.#works.entries()) {
      multiply(
        columnsOf(gradients, layer.outputs),
        columnsOf(this.inputsOf(index, values), layer.inputs),
        { ...rowsOf(gradient, layer.inputs), start: layer.weights },
        layer.outputs,
        layer.inputs,
        count,
      );
      sumColumns(gradients, layer, count, gradient);
    }
  }

  /** Works out, per row and layer, the gradients of that row's loss by the layer's weighted sums. @returns the summed loss */
  backward(parameters: Float32Array, batch: Batch): number {
    const logits = this.logits(parameters, batch.values, batch.count);
    const last = this.#works.at(-1)!;
    const loss = lossAndGradient(logits, batch.labels, last.gradients);
    for (let index = this.#works.length - 1; index > 0; index--) {
      const { layer, gradients } = this.#works[index]!;
      const before = this.#works[index - 1]!;
      multiply(
        rowsOf(gradients, layer.outputs),
        { values: parameters, start: layer.weights, rowStride: 1, columnStride: layer.inputs },
        rowsOf(before.gradients, layer.inputs),
        batch.count,
        layer.inputs,
        layer.outputs,
      );
      throughActivation(before.gradients, before.outputs, batch.count * layer.inputs, this.#shape.activation);
    }
    return loss;
  }

  /** What layer `index` got at the last pass: `inputs` values per row. */
  inputsOf(index: number, values: Float32Array): Float32Array {
    return index === 0 ? values : this.#works[index - 1]!.outputs;
  }

  /** What `backward` worked out for layer `index`: `outputs` values per row. */
  gradientsOf(index: number): Float32Array {
    return this.#works[index]!.gradients;
  }
}

function rowsOf(values: Float32Array, width: number): Strided {
  return { values, start: 0, rowStride: width, columnStride: 1 };
}

function columnsOf(values: Float32Array, width: number): Strided {
  return { values, start: 0, rowStride: 1, columnStride: width };
}

/** Adds biases and applies the activation. */
function finish(
  sums: Float32Array,
  parameters: Float32Array,
  { outputs, biases }: Layer,
  count: number,
  activation: "relu" | "tanh" | "none",
): void {
  for (let row = 0; row < count; row++) {
    for (let output = 0; output < outputs; output++) {
      const at = row * outputs + output;
      const sum = sums[at]! + parameters[biases + output]!;
      if (activation === "relu") sums[at] = sum < 0 ? 0 : sum;
      else sums[at] = activation === "tanh" ? Math.tanh(sum) : sum;
    }
  }
}

/** From gradients by what a layer gave to gradients by its weighted sums. */
function throughActivation(
  gradients: Float32Array,
  outputs: Float32Array,
  count: number,
  activation: "relu" | "tanh",
): void {
  if (activation === "relu") {
    for (let at = 0; at < count; at++) if (outputs[at] === 0) gradients[at] = 0;
    return;
  }
  for (let at = 0; at < count; at++) gradients[at]! *= 1 - outputs[at]! * outputs[at]!;
}

function sumColumns(gradients: Float32Array, { outputs, biases }: Layer, count: number, into: Float32Array): void {
  for (let output = 0; output < outputs; output++) {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += gradients[row * outputs + output]!;
    into[biases + output] = sum;
  }
}

/** Gradients of each row's loss by its logit go into `gradients`. @returns the summed loss */
function lossAndGradient(logits: Float32Array, labels: Float32Array, gradients: Float32Array): number {
  let loss = 0;
  for (let row = 0; row < logits.length; row++) {
    const [logit, label] = [logits[row]!, labels[row]!];
    loss += crossEntropy(logit, label);
    gradients[row] = sigmoid(logit) - label;
  }
  return loss;
}

/** Binary cross-entropy of a logit, without overflow: max(z, 0) - z y + log(1 + exp(-|z|)). */
export function crossEntropy(logit: number, label: number): number {
  return Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** The probability that a logit stands for, without overflow. */
export function sigmoid(logit: number): number {
  const small = Math.exp(-Math.abs(logit));
  return logit >= 0 ? 1 / (1 + small) : small / (1 + small);
}

import type { Batch, NetworkEngine } from "./engine.js";

/**
 * The Euclidean norm of each row's own gradient, after `engine.backward` of the same batch. A layer's gradient for one row is the outer product of that row's gradient g by
 * the weighted sums and its inputs x, and g for the biases, so its squared norm is |g|^2 (|x|^2 + 1): no row's gradient is ever written out
 * (Goodfellow, "Efficient Per-Example Gradient Computations", 2015).
 */
export function rowNorms(engine: NetworkEngine, { values, count }: Batch): Float64Array {
  const norms = new Float64Array(count);
  for (const [index, { inputs, outputs }] of engine.layers.entries()) {
    const [before, gradients] = [engine.inputsOf(index, values), engine.gradientsOf(index)];
    for (let row = 0; row < count; row++) {
      norms[row]! += squares(gradients, row * outputs, outputs) * (squares(before, row * inputs, inputs) + 1);
    }
  }
  return norms.map(Math.sqrt);
}

/** Shortens each row's gradient to `norm` where it is longer, after `engine.backward` of the same batch and before `engine.sumRows`. */
export function clipRows(engine: NetworkEngine, batch: Batch, norm: number): void {
  const norms = rowNorms(engine, batch);
  for (const [index, { outputs }] of engine.layers.entries()) {
    const gradients = engine.gradientsOf(index);
    for (let row = 0; row < batch.count; row++) {
      if (norms[row]! <= norm) continue;
      const scale = norm / norms[row]!;
      for (let at = row * outputs; at < (row + 1) * outputs; at++) gradients[at]! *= scale;
    }
  }
}

function squares(values: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let at = from; at < from + count; at++) sum += values[at]! * values[at]!;
  return sum;
}

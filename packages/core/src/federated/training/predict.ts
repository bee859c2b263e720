import { NetworkEngine } from "./engine.js";
import { checkModel, type Model } from "./network.js";

/** Rows that are worked on together. */
const batchRows = 1024;

/**
 * The model's logit for each row: positive where label 1 is likelier than 0.
 *
 * @param values row after row, as many columns as the model takes
 * @throws RangeError where `values` are not whole rows, or the model's parameters do not fit its shape or are not finite
 */
export function logitsOf(model: Model, values: Float32Array): Float32Array {
  checkModel(model);
  const { shape, parameters } = model;
  const columns = shape.widths[0]!;
  const count = values.length / columns;
  if (!Number.isInteger(count)) throw new RangeError(`${values.length} values are not whole rows of ${columns}.`);
  const engine = new NetworkEngine(shape, batchRows);
  const logits = new Float32Array(count);
  for (let from = 0; from < count; from += batchRows) {
    const to = Math.min(count, from + batchRows);
    logits.set(engine.logits(parameters, values.subarray(from * columns, to * columns), to - from), from);
  }
  return logits;
}

import type { LabelledRows } from "../../../src/federated/training/rows.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";

/** Rows of uniform values in [-1, 1), whose label is likelier to be 1 the larger a fixed weighted sum of them is. */
export function madeRows(count: number, columns: number, seed: number): LabelledRows {
  const random = seededUniform(seed);
  const values = Float32Array.from({ length: count * columns }, () => 2 * random() - 1);
  const labels = Float32Array.from({ length: count }, (_, row) => {
    let sum = 0.3;
    for (let column = 0; column < columns; column++)
      sum += entry(values, row * columns + column) * (1.5 - column * 0.7);
    return random() < 1 / (1 + Math.exp(-sum)) ? 1 : 0;
  });
  return { values, labels, columns };
}

/** What is at `index`, which must be there. */
export function entry<T>(values: { readonly [index: number]: T; readonly length: number }, index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`Nothing is at ${index} of ${values.length}.`);
  return value;
}

/** Cuts rows into as many parts as there are `sizes`, one after another. */
export function cutRows({ values, labels, columns }: LabelledRows, sizes: readonly number[]): LabelledRows[] {
  let from = 0;
  return sizes.map((size) => {
    const to = from + size;
    const part = { values: values.slice(from * columns, to * columns), labels: labels.slice(from, to), columns };
    from = to;
    return part;
  });
}

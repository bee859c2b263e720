/** The Euclidean norm. */
export function normOf(values: Float64Array): number {
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += values[at]! * values[at]!;
  return Math.sqrt(squares);
}

/** Multiplies each value, in place. */
export function scale(values: Float64Array, by: number): void {
  for (let at = 0; at < values.length; at++) values[at]! *= by;
}

/** Adds `added` to `values`, in place; both are of one length. */
export function add(values: Float64Array, added: Float64Array | Float32Array): void {
  for (let at = 0; at < values.length; at++) values[at]! += added[at]!;
}

/** The first value that is infinite or no number, by its index; -1 where all are finite. */
export function firstNotFinite(values: Float64Array | Float32Array): number {
  // What is finite less itself is 0; a callback per value would take ten times as long.
  for (let at = 0; at < values.length; at++) if (values[at]! - values[at]! !== 0) return at;
  return -1;
}

/** The value below which `share` (0 to 1) of `values` lie, by nearest rank; NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** `value` with as many digits as say something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

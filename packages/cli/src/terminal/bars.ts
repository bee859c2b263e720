const width = 36;

/** A bar chart, the smallest first. Lengths go by the logarithm: what is lent spans from a phone to a server. */
export function bars(
  entries: readonly { readonly label: string; readonly value: number }[],
  format: (value: number) => string,
): string {
  const sorted = entries.toSorted((a, b) => a.value - b.value);
  const [least, most] = [sorted.at(0)?.value ?? 1, sorted.at(-1)?.value ?? 1];
  const labels = Math.max(...sorted.map(({ label }) => label.length));
  const length = (value: number) =>
    most === least ? width : 1 + Math.round((Math.log(value / least) / Math.log(most / least)) * (width - 1));
  return sorted
    .map(({ label, value }) => `  ${label.padEnd(labels)}  ${"█".repeat(length(value))} ${format(value)}`)
    .join("\n");
}

/** Colours of lines and bars, told apart in print too. */
export const colors = ["#2b6cb0", "#2f855a", "#c05621", "#b83280", "#6b46c1", "#718096"] as const;

export const style = [
  "text{font:11px system-ui,sans-serif;fill:#222}.title{font-size:13px;font-weight:600}",
  ".grid{stroke:#ccc;stroke-width:.7}.line{fill:none;stroke-width:1.8}.bound{stroke:#c53030;stroke-dasharray:4 3}",
  "@media (prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}",
].join("");

export function colorOf(index: number): string {
  return colors[index % colors.length] ?? "#000";
}

/** Labels from top to bottom, moved apart where they would touch. */
export function spread<T extends { readonly at: number }>(labels: readonly T[]): T[] {
  let lowest = -Infinity;
  return labels
    .toSorted((one, other) => one.at - other.at)
    .map((label) => {
      lowest = Math.max(lowest + 13, label.at + 4);
      return { ...label, at: lowest };
    });
}

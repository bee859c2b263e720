/** A column: its title, and whether its cells are numbers, which stand to the right. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Longer cells are cut. Default: none. */
  readonly maxWidth?: number;
}

/** Rows under titles, padded to columns. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((cell, index) => cut(cell, columns[index]?.maxWidth)),
  );
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align))
      .join("  ")
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => "─".repeat(width)).join("  "));
  return lines.join("\n");
}

function cut(cell: string, maxWidth = Infinity): string {
  const line = cell.replace(/\s+/g, " ");
  return line.length > maxWidth ? `${line.slice(0, maxWidth - 1)}…` : line;
}

function pad(cell: string, width: number, align: Column["align"]): string {
  return align === "right" ? cell.padStart(width) : cell.padEnd(width);
}

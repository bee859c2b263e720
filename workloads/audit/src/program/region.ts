import type { Region } from "../finding.js";
import type { ASTNode } from "../model/walk.js";

/** Where a node stands. The parser's columns count from 0 and its end is the last character. */
export function regionOf(node: ASTNode): Region {
  const start = node.loc?.start ?? { line: 1, column: 0 };
  const end = node.loc?.end ?? start;
  const text = lastTokenLength(node);
  return { startLine: start.line, startColumn: start.column + 1, endLine: end.line, endColumn: end.column + 1 + text };
}

/** The parser's end is the start of the last token; its length is what the range, which includes it, goes beyond. */
function lastTokenLength(node: ASTNode): number {
  const { loc, range } = node;
  if (!loc || !range || loc.start.line !== loc.end.line) return 1;
  return Math.max(1, range[1] - range[0] + 1 - (loc.end.column - loc.start.column));
}

/** A place given by line and column alone. */
export function pointAt(line: number, column: number): Region {
  return {
    startLine: Math.max(1, line),
    startColumn: Math.max(1, column),
    endLine: Math.max(1, line),
    endColumn: Math.max(1, column) + 1,
  };
}

/** Where characters `start` to `end` of a text stand, by its line starts (see {@link lineStarts}). */
export function regionBetween(starts: readonly number[], start: number, end: number): Region {
  const [from, to] = [positionAt(starts, start), positionAt(starts, Math.max(start, end))];
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

/** The offsets at which the lines of a text start. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(starts: readonly number[], offset: number): { line: number; column: number } {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

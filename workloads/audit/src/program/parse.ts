import * as parser from "@solidity-parser/parser";
import { linkParents } from "../model/walk.js";
import { type ASTNode } from "../model/walk.js";

/** A file that could be read, or where and why it could not. */
export type Parsed =
  | { readonly unit: ASTNode }
  | { readonly refused: { line: number; column: number; message: string } };

/** The bundle's parser, see scripts/bundle.mjs. */
const { skipFullContext } = parser as unknown as { skipFullContext(on: boolean): void };

/** Files are shared by many closures: the last ones are kept, by their text. */
const kept = new Map<string, Parsed>();
const maxKept = 512;

/** The syntax tree of a file with locations and parents. */
export function parse(source: string): Parsed {
  const known = kept.get(source);
  if (known) return known;
  const parsed = parseAnew(source);
  if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? "");
  kept.set(source, parsed);
  return parsed;
}

function parseAnew(source: string): Parsed {
  try {
    return { unit: tree(source, true) };
  } catch {
    // The quick way refuses some valid files; the thorough one is right about all.
  }
  try {
    return { unit: tree(source, false) };
  } catch (error) {
    return { refused: refusal(error) };
  }
}

function tree(source: string, quick: boolean): ASTNode {
  skipFullContext(quick);
  const unit = parser.parse(source, { loc: true, range: true });
  linkParents(unit);
  return unit;
}

function refusal(error: unknown): { line: number; column: number; message: string } {
  const first = error instanceof parser.ParserError ? error.errors[0] : undefined;
  if (first) return { line: first.line, column: first.column + 1, message: first.message };
  return { line: 1, column: 1, message: error instanceof Error ? error.message : String(error) };
}

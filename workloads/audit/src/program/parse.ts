import * as parser from "@solidity-parser/parser";
import { bareCode } from "../imports.js";
import { type ASTNode, linkParents } from "../model/walk.js";

/** A file that could be read, or why it could not, and where if the parser says so. */
export type Parsed = { readonly unit: ASTNode } | { readonly refused: Refusal };

export interface Refusal {
  readonly message: string;
  readonly at?: { readonly line: number; readonly column: number };
}

/** The bundle's parser, see scripts/bundle.mjs. */
const { skipFullContext } = parser as unknown as { readonly skipFullContext: (on: boolean) => void };

/** Files are shared by many closures: the last ones are kept, by their text. A tree weighs some hundred times its text. */
const kept = new Map<string, Parsed>();
const maxKept = 64;

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
  if (nesting(source) > maxNesting)
    return { refused: { message: `parentheses are nested more than ${maxNesting} deep` } };
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

/** The parser's time grows with the cube of the depth: 100 take 4 s, 400 take 100 s. People write fewer than 20. */
const maxNesting = 64;

function nesting(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of bareCode(source).matchAll(/[()[\]]/g)) {
    depth += character[0] === "(" || character[0] === "[" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function tree(source: string, quick: boolean): ASTNode {
  skipFullContext(quick);
  const unit = parser.parse(source, { loc: true, range: true });
  linkParents(unit);
  return unit;
}

function refusal(error: unknown): Refusal {
  const first = error instanceof parser.ParserError ? error.errors[0] : undefined;
  if (!first) return { message: "its syntax is not understood" };
  return { message: first.message, at: { line: first.line, column: first.column + 1 } };
}

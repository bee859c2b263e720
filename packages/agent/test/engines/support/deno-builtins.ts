import { readFileSync } from "node:fs";
import { findDeno } from "../../../src/sandbox/deno.js";

/** Every name after `node:` anywhere in the installed Deno binary: its own list leaves some out. */
export function denoBuiltins(): Set<string> {
  const binary = readFileSync(findDeno() ?? "", "latin1");
  return new Set(Array.from(binary.matchAll(/\bnode:([a-z_0-9]+(?:\/[a-z_0-9]+)*)/g), ([, name = ""]) => name));
}

import { allowsSeries08 } from "../model/version.js";

/** Allows every compiler; no longer than any pragma that names the series 0.8. */
const anyCompiler = "pragma solidity >=0;";

/**
 * `source` with every `pragma solidity` that leaves room for 0.8 opened, so that the one compiler here accepts files that ask for
 * another patch release of its series. Older series keep theirs, and with it the compiler's refusal. No character moves.
 */
export function withOpenPragmas(source: string): string {
  return source.replace(/\bpragma\s+solidity\s+([^;]+);/g, (pragma, range: string) =>
    allowsSeries08(range) ? anyCompiler.padEnd(pragma.length) : pragma,
  );
}

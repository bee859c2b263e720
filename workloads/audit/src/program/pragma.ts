import { allowsSeries08 } from "../model/version.js";

/**
 * `source` with every `pragma solidity` that leaves room for 0.8 blanked out, so that the one compiler here accepts files that
 * ask for another patch release of its series. Older series keep theirs, and with it the compiler's refusal.
 */
export function withoutPragmas(source: string): string {
  return source.replace(/\bpragma\s+solidity\s+([^;]+);/g, (pragma, range: string) =>
    allowsSeries08(range) ? " ".repeat(pragma.length) : pragma,
  );
}

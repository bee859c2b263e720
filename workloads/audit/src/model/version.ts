import { type ASTNode, findAll } from "./walk.js";

/** A compiler version: 0.8.20 is [0, 8, 20]. */
type Version = readonly [number, number, number];

/** The compilers a file may be built with. */
export interface CompilerRange {
  /** The oldest one its pragmas allow; the compiler's own (0.8) where it has none. */
  readonly oldest: Version;
  /** Whether a compiler of the 0.8 series may build it. */
  readonly allows08: boolean;
  /** Whether arithmetic is checked by every compiler allowed (since 0.8.0). */
  readonly checksArithmetic: boolean;
}

/** What the pragmas of a file say, read for the minor series alone: patch releases change no rule that is used here. */
export function compilerRange(unit: ASTNode): CompilerRange {
  const pragmas = findAll(unit, "PragmaDirective").filter(({ name }) => name === "solidity");
  const oldest = pragmas.map(({ value }) => oldestOf(value)).reduce(newer, [0, 0, 0]);
  const known: Version = pragmas.length === 0 ? [0, 8, 0] : oldest;
  return {
    oldest: known,
    allows08: pragmas.every(({ value }) => allowsSeries08(value)),
    checksArithmetic: isAtLeast(known, [0, 8, 0]),
  };
}

/** Whether `version` is `other` or later. */
export function isAtLeast(version: Version, other: Version): boolean {
  for (let i = 0; i < 3; i += 1) {
    const difference = (version[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function newer(one: Version, other: Version): Version {
  return isAtLeast(one, other) ? one : other;
}

/** The oldest version that any of the alternatives of a pragma allows. */
function oldestOf(pragma: string): Version {
  const alternatives = pragma.split("||").map((part) =>
    [...part.matchAll(comparator)]
      .filter(([, operator]) => operator === undefined || !operator.startsWith("<"))
      .map(versionOf)
      .reduce(newer, [0, 0, 0]),
  );
  return alternatives.reduce((one, other) => (isAtLeast(one, other) ? other : one));
}

/** Whether some alternative of a pragma reaches into 0.8 and none of its bounds keeps it out. */
export function allowsSeries08(pragma: string): boolean {
  return pragma.split("||").some((part) => [...part.matchAll(comparator)].every(comparatorAllows08));
}

function comparatorAllows08(match: RegExpMatchArray): boolean {
  const version = versionOf(match);
  if (match[1] === ">" || match[1] === ">=") return !isAtLeast(version, [0, 9, 0]);
  if (match[1] === "<") return isAtLeast(version, [0, 8, 1]);
  if (match[1] === "<=") return isAtLeast(version, [0, 8, 0]);
  return version[0] === 0 && version[1] === 8;
}

const comparator = /(\^|~|>=|<=|>|<|=)?\s*v?(\d+)\.(\d+)(?:\.(\d+))?/g;

function versionOf(match: RegExpMatchArray): Version {
  return [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
}

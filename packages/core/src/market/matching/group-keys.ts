import type { AgentTerms, TaskGroup } from "./filters.js";

/**
 * Groups are kept by engine; those that name their operators under each of them instead, and those for bonded operators apart,
 * so that nobody else's agents ever come across them.
 */
export function keysOfGroup({ engine, part, operators, isForBonded }: TaskGroup): string[] {
  const plain = part ? inParts(engine) : engine;
  const keys = operators ? [...operators].map((operator) => pinned(plain, operator)) : [plain];
  return isForBonded ? keys.map(bonded) : keys;
}

/** The keys under which an agent finds all groups that its engine and operator let it take; those that ask for a part are under others. */
export function groupKeysOf({ offer, operator, isBonded }: AgentTerms): string[] {
  return keysFor(offer.engines, operator, isBonded);
}

/** The same of groups that ask for a part of what it lends. */
export function partKeysOf({ offer, parts, operator, isBonded }: AgentTerms): string[] {
  return parts ? keysFor(offer.engines.map(inParts), operator, isBonded) : [];
}

function keysFor(engines: readonly string[], operator: string, isBonded: boolean): string[] {
  const keys = engines.flatMap((engine) => [engine, pinned(engine, operator)]);
  return isBonded ? [...keys, ...keys.map(bonded)] : keys;
}

/** The same keys, under each of which only groups of short tasks are. */
export function shortKeysOf(keys: readonly string[]): string[] {
  return keys.map((key) => `${key} short`);
}

const inParts = (engine: string) => `${engine} part`;
const bonded = (key: string) => `${key} bonded`;
const pinned = (engine: string, operator: string) => `${engine} ${operator}`;

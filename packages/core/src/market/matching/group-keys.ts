import type { AgentTerms, TaskGroup } from "./filters.js";

/**
 * Groups are kept by engine; those that name their operators under each of them instead, and those for bonded operators apart,
 * so that nobody else's agents ever come across them.
 */
export function keysOfGroup({ engine, operators, isForBonded }: TaskGroup): string[] {
  const keys = operators ? [...operators].map((operator) => pinned(engine, operator)) : [engine];
  return isForBonded ? keys.map(bonded) : keys;
}

/** The keys under which an agent finds all groups that its engine and operator let it take. */
export function groupKeysOf({ offer, operator, isBonded }: AgentTerms): string[] {
  const keys = offer.engines.flatMap((engine) => [engine, pinned(engine, operator)]);
  return isBonded ? [...keys, ...keys.map(bonded)] : keys;
}

/** The same keys, under each of which only groups of short tasks are. */
export function shortKeysOf(keys: readonly string[]): string[] {
  return keys.map((key) => `${key} short`);
}

const bonded = (key: string) => `${key} bonded`;
const pinned = (engine: string, operator: string) => `${engine} ${operator}`;

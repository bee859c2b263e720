import type { AgentTerms, TaskGroup } from "./filters.js";

/**
 * Groups are kept by engine; those that name their operators under each of them instead, so that nobody else's agents
 * ever come across them.
 */
export function keysOfGroup({ engine, operators }: TaskGroup): string[] {
  return operators ? [...operators].map((operator) => pinned(engine, operator)) : [engine];
}

/** The keys under which an agent finds all groups that its engine and operator let it take. */
export function groupKeysOf({ offer, operator }: AgentTerms): string[] {
  return offer.engines.flatMap((engine) => [engine, pinned(engine, operator)]);
}

/** The same keys, under each of which only groups of short tasks are. */
export function shortKeysOf(keys: readonly string[]): string[] {
  return keys.map((key) => `${key} short`);
}

const pinned = (engine: string, operator: string) => `${engine} ${operator}`;

import { taskEngines } from "../../protocol/requirements.js";
import type { AgentTerms, TaskGroup } from "./filters.js";

/**
 * Groups are kept by engine; those that name their operators under each of them instead, and those for attested machines or bonded operators
 * apart, so that nobody else's agents ever come across them.
 */
export function keysOfGroup({ engine, part, operators, attestation, isForBonded }: TaskGroup): string[] {
  const anywhere = part ? inParts(engine) : engine;
  const plain = attestation ? attested(anywhere) : anywhere;
  const keys = operators ? [...operators].map((operator) => pinned(plain, operator)) : [plain];
  return isForBonded ? keys.map(bonded) : keys;
}

/** The keys under which an agent finds all groups that its engine and operator let it take; those that ask for a part are under others. */
export function groupKeysOf(terms: AgentTerms): string[] {
  return keysFor(taskEngines(terms.offer), terms);
}

/** The same of groups that ask for a part of what it lends. */
export function partKeysOf(terms: AgentTerms): string[] {
  return terms.parts ? keysFor(taskEngines(terms.offer).map(inParts), terms) : [];
}

function keysFor(engines: readonly string[], { operator, isBonded, proven }: AgentTerms): string[] {
  const places = proven ? [...engines, ...engines.map(attested)] : engines;
  const keys = places.flatMap((place) => [place, pinned(place, operator)]);
  return isBonded ? [...keys, ...keys.map(bonded)] : keys;
}

/** The same keys, under each of which only groups of short tasks are. */
export function shortKeysOf(keys: readonly string[]): string[] {
  return keys.map((key) => `${key} short`);
}

const inParts = (engine: string) => `${engine} part`;
const attested = (engine: string) => `${engine} attested`;
const bonded = (key: string) => `${key} bonded`;
const pinned = (engine: string, operator: string) => `${engine} ${operator}`;

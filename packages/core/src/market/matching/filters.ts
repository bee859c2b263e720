import type { Offer } from "../../protocol/agent-channel.js";
import { attestationAsked, type EngineName, lendsEngine, type Requirements } from "../../protocol/requirements.js";
import { toHex } from "../../shared/bytes.js";
import { type Capacity, type Demand, hasPlace } from "../packing/capacity.js";
import { cardMemoryOfPart, partAsked } from "../packing/card-parts.js";
import { type AttestedPolicy, policyMismatch } from "../../verification/attestation/attested-policy.js";
import type { ProvenMachine } from "../../verification/attestation/verify-evidence.js";

/** What is alike of waiting tasks to the market: those of one job with the same requirements and top price. */
export interface TaskGroup {
  /** Its name, unlike that of all others. */
  readonly id: string;
  readonly job: string;
  readonly engine: EngineName;
  readonly memoryBytes: number;
  /** What each takes of an agent that lends in parts; undefined: a slot, or all that such an agent lends. */
  readonly part: Demand | undefined;
  /** Card memory that has to come with a part, in bytes. */
  readonly cardBytes: number;
  /** How many of its tasks begin together, each on an agent of its own; 1: each begins by itself. */
  readonly gangSize: number;
  /** Whether only agents of bonded operators may take its tasks. */
  readonly isForBonded: boolean;
  /** What an agent's machine must have proven of itself; undefined: nothing. */
  readonly attestation: AttestedPolicy | undefined;
  /** Top price, nAIS per SCU-second. */
  readonly maxPrice: number;
  /** Only these operators, by key in hexadecimal; undefined: any. */
  readonly operators: ReadonlySet<string> | undefined;
  /** None of these operators. */
  readonly excludedOperators: ReadonlySet<string>;
  /** Agents that the requester has refused. */
  readonly refused: ReadonlySet<string>;
  /** Whether an agent of an operator, both by key, may not run it, since it checks another's result; undefined: it checks none. */
  readonly bars: ((agent: string, operator: string) => boolean) | undefined;
  /** Whether an agent is too new to run it; undefined: anybody may. */
  readonly isNovice: ((agent: string) => boolean) | undefined;
  /** The input that all tasks of the job share, by its hash in hexadecimal; undefined: none. */
  readonly shared: string | undefined;
}

/** A group of tasks with these requirements, as filters read it. */
export function taskGroup(
  requirements: Requirements,
  rest: Pick<TaskGroup, "id" | "job" | "maxPrice" | "refused" | "shared"> &
    Partial<Pick<TaskGroup, "bars" | "isNovice">>,
): TaskGroup {
  const { engine, memoryBytes, card, gang, operators, excludedOperators } = requirements;
  return {
    bars: undefined,
    isNovice: undefined,
    ...rest,
    engine,
    memoryBytes,
    part: partAsked(requirements),
    cardBytes: card?.memoryBytes ?? 0,
    gangSize: gang?.size ?? 1,
    isForBonded: false,
    attestation: attestationAsked(requirements),
    operators: operators && new Set(operators.map(toHex)),
    excludedOperators: new Set(excludedOperators?.map(toHex)),
  };
}

/** An agent on what terms it works. */
export interface AgentTerms {
  readonly agent: string;
  /** The operator's Ed25519 key in hexadecimal. */
  readonly operator: string;
  /** Whether the operator has put up a bond for what it has proven. */
  readonly isBonded: boolean;
  /** What its machine has proven of itself, at its connection; undefined: nothing. */
  readonly proven: ProvenMachine | undefined;
  readonly offer: Pick<Offer, "engines" | "class" | "memoryBytes" | "slots" | "card">;
  /** All that it lends in parts; undefined: it lends slots, or all at once. */
  readonly parts: Capacity | undefined;
  /** Lowest price, nAIS per SCU-second. */
  readonly floorPrice: number;
}

type Filter = (group: TaskGroup, terms: AgentTerms) => boolean;

/** What an agent must meet to take a task, cheapest to check first. */
export const filters = {
  engine: (group, { offer }) => lendsEngine(offer, group.engine),
  memory: (group, { offer }) => group.memoryBytes <= offer.memoryBytes,
  card: ({ part, cardBytes }, { parts, offer }) =>
    part === undefined ||
    (parts !== undefined && hasPlace(parts, part) && cardBytes <= cardMemoryOfPart(offer.card, part.gpuMilli)),
  price: (group, { floorPrice }) => floorPrice <= group.maxPrice,
  operator: (group, { operator }) =>
    (!group.operators || group.operators.has(operator)) && !group.excludedOperators.has(operator),
  attested: ({ attestation }, { proven }) =>
    !attestation || (proven !== undefined && policyMismatch(attestation, proven) === undefined),
  bond: (group, { isBonded }) => isBonded || !group.isForBonded,
  checker: ({ bars }, { agent, operator }) => bars?.(agent, operator) !== true,
  novice: ({ isNovice }, { agent }) => isNovice?.(agent) !== true,
  requester: (group, { agent }) => !group.refused.has(agent),
} as const satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

const names = Object.keys(filters) as FilterName[];
/** Apart from their names, and walked by index: this is asked of each pair that a search comes across. */
const ordered: readonly Filter[] = Object.values(filters);

/** The first filter that keeps an agent on these terms from the tasks of `group`, or undefined where it may take them. */
export function refusingFilter(group: TaskGroup, terms: AgentTerms): FilterName | undefined {
  for (let index = 0; index < ordered.length; index++) if (!ordered[index]?.(group, terms)) return names[index];
  return undefined;
}

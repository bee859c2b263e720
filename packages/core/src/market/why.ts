import { type Capacity, hasPlace } from "./packing/capacity.js";
import { type AgentTerms, type FilterName, refusingFilter, type TaskGroup } from "./matching/filters.js";

/** Why a pair is not matched: the filter that refuses it, that the agent has no room now, or that too few have for a gang. */
export type WhyNot = FilterName | "busy" | "kept" | "gang";

/** How many pairs each reason keeps apart, and how many nothing does. */
export type WhyCounts = { readonly [reason in WhyNot]?: number } & { readonly fits: number };

/** An agent on whatever terms, and what room it has. */
export interface AgentNow {
  readonly terms: AgentTerms;
  readonly room: number;
  /** One more slot is free, and kept for a gang. */
  readonly isKept: boolean;
  /** What it would lend in parts; undefined: nothing now. */
  readonly free: Capacity | undefined;
}

/** Why this agent does not take a task of this group now; undefined where it may: then a decision is under way. */
export function whyNot(group: TaskGroup, { terms, room, isKept, free }: AgentNow): WhyNot | undefined {
  const refusing = refusingFilter(group, terms);
  if (refusing) return refusing;
  if (group.gangSize > 1 && (room > 0 || isKept)) return "gang";
  if (group.part ? free && hasPlace(free, group.part) : room > 0) return undefined;
  return isKept ? "kept" : "busy";
}

/** The reasons of all `pairs`, counted. */
export function countWhy(pairs: Iterable<readonly [TaskGroup, AgentNow]>): WhyCounts {
  const counts: Partial<Record<WhyNot, number>> & { fits: number } = { fits: 0 };
  for (const [group, agent] of pairs) {
    const reason = whyNot(group, agent) ?? "fits";
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

const words: Readonly<Record<WhyNot, string>> = {
  engine: "another engine is needed",
  memory: "more memory is needed than is lent",
  card: "a larger part of a card is needed than is lent, or more of its memory",
  price: "the floor is above the top price",
  operator: "the requester does not allow the operator",
  attested:
    "the task is for confidential VMs that have proven how they were started, and this machine has not proven what it asks for",
  bond: "for its first 2 s the task is for bonded operators",
  checker: "it checks the result of another, which the operator has run too, or the agent is not trusted yet",
  novice: "the agent is too new: it is given such tasks when others have agreed on them",
  requester: "the requester has refused the agent",
  busy: "the agent is busy, has too little of its card free, pauses, or proves its speed",
  kept: "its slot is kept for a gang, or its card for a task, that has waited longer",
  gang: "fewer agents are free at once than the gang needs, or not all of its tasks are here",
};

/** The reason in words, of one agent and one kind of task. */
export function describeWhyNot(reason: WhyNot): string {
  return words[reason];
}

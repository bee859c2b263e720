import { type AgentTerms, type FilterName, refusingFilter, type TaskGroup } from "./matching/filters.js";

/** Why a pair is not matched: the filter that refuses it, or that the agent has no room now. */
export type WhyNot = FilterName | "busy";

/** How many pairs each reason keeps apart, and how many nothing does. */
export type WhyCounts = { readonly [reason in WhyNot]?: number } & { readonly fits: number };

/** An agent on whatever terms, and what room it has. */
export interface AgentNow {
  readonly terms: AgentTerms;
  readonly room: number;
}

/** Why this agent does not take a task of this group now; undefined where it may: then a decision is under way. */
export function whyNot(group: TaskGroup, { terms, room }: AgentNow): WhyNot | undefined {
  return refusingFilter(group, terms) ?? (room > 0 ? undefined : "busy");
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
  price: "the floor is above the top price",
  operator: "the requester does not allow the operator",
  requester: "the requester has refused the agent",
  busy: "the agent is busy, pausing, or proving its speed",
};

/** The reason in words, of one agent and one kind of task. */
export function describeWhyNot(reason: WhyNot): string {
  return words[reason];
}

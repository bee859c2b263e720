import { type AgentNow, countWhy, type Matching, type TaskGroup, type WhyCounts } from "@aegis-pool/core";

/** Pairs that are looked at for one answer, at most: a few milliseconds. */
const mostPairs = 20_000;

/** What keeps kinds of waiting tasks and agents apart, pair by pair; with more pairs than there is time for, of the first of them. */
export function countPairs(matching: Pick<Matching, "waiting" | "agents">): WhyCounts {
  return countWhy(firstPairs(matching));
}

function* firstPairs(matching: Pick<Matching, "waiting" | "agents">): Generator<readonly [TaskGroup, AgentNow]> {
  let left = mostPairs;
  const agents = [...matching.agents()].slice(0, mostPairs);
  for (const [group] of matching.waiting()) {
    for (const agent of agents) {
      if (left-- <= 0) return;
      yield [group, agent];
    }
  }
}

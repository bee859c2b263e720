import fc from "fast-check";
import { expect, it } from "vitest";
import { MarketAgent } from "../../../src/market/matching/agent-index.js";
import { GroupIndex, WaitingGroup } from "../../../src/market/matching/group-index.js";
import { known } from "../../fixtures.js";
import { group, terms } from "./fixtures.js";

const groups = 5;
const anySteps = fc.array(
  fc.record({
    step: fc.constantFrom("age", "remove", "short", "look"),
    index: fc.nat({ max: groups - 1 }),
    age: fc.nat({ max: 20 }),
  }),
  { maxLength: 60 },
);

it("finds the group that has waited longest of those that the agent may take now, whatever has changed since", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const seen = looks([...steps, { step: "look", index: 0, age: 0 }]);
      expect(seen.found).toEqual(seen.oldest);
    }),
    { numRuns: 2_000 },
  );
});

/** What an index of groups says at each look, and what a look at all of them says. */
function looks(steps: readonly { step: string; index: number; age: number }[]) {
  const agent = new MarketAgent(terms(), 1);
  const index = new GroupIndex();
  const all = Array.from({ length: groups }, (_, id) => new WaitingGroup(group({ id: `group-${id}` }), id));
  const filed = new Set<WaitingGroup>();
  const found: unknown[] = [];
  const oldest: unknown[] = [];
  for (const { step, index: at, age } of steps) {
    const each = known(all[at]);
    if (step === "look") {
      agent.room = age % 2;
      found.push(index.oldest(agent)?.arrival);
      oldest.push(oldestOf([...filed].filter(({ isShort }) => agent.room > 0 || isShort))?.arrival);
    } else if (step === "remove") {
      if (filed.delete(each)) index.remove(each);
    } else if (step === "short") {
      if (filed.has(each)) index.remove(each);
      each.isShort = age % 2 === 0;
      if (filed.has(each)) index.add(each);
    } else if (filed.has(each)) index.setAge(each, age);
    else {
      each.age = age;
      index.add(each);
      filed.add(each);
    }
  }
  return { found, oldest };
}

function oldestOf(filed: readonly WaitingGroup[]): WaitingGroup | undefined {
  return filed.toSorted((a, b) => a.age - b.age || a.arrival - b.arrival)[0];
}

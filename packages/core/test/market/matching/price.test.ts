import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusingFilter } from "../../../src/market/matching/filters.js";
import { known } from "../../fixtures.js";
import { anyScene, decide, group, terms } from "./fixtures.js";

describe("a price", () => {
  it("is the agent's floor, or what the best task of another job left waiting would pay there, and never above one's own top price", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const plan = decide(scene);
        const assigned = new Set(plan.map(({ number }) => number));
        const left = scene.groups.filter(({ numbers }) => numbers.some((number) => !assigned.has(number)));
        for (const { number, agent, price } of plan) {
          const chosen = known(scene.agents.find((each) => each.terms.agent === agent)).terms;
          const own = known(scene.groups.find(({ numbers }) => numbers.includes(number))).group;
          const losers = left.filter(({ group: { job } }) => job !== own.job).map((each) => each.group);
          const best = Math.max(
            0,
            ...losers.filter((each) => !refusingFilter(each, chosen)).map((each) => each.maxPrice),
          );
          expect(price).toBe(Math.min(own.maxPrice, Math.max(chosen.floorPrice, best)));
          expect(price).toBeGreaterThanOrEqual(chosen.floorPrice);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is one's own top price where the oldest is served before those that pay more", () => {
    const rich = { group: group({ id: "rich", maxPrice: 9_000 }), numbers: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] };
    const poor = { group: group({ id: "poor", maxPrice: 3_500 }), numbers: [1] };
    const plan = decide({ groups: [rich, poor], agents: [{ terms: terms({}, { slots: 10 }), room: 10 }] });
    expect(plan.at(-1)).toMatchObject({ number: 1, price: 3_500 });
  });

  it("is not driven up by a job's own tasks", () => {
    const agents = [{ terms: terms(), room: 1 }];
    expect(decide({ groups: [{ group: group(), numbers: [1, 2, 3] }], agents })).toMatchObject([{ price: 3_087 }]);
  });

  it("gives a requester with one task no reason to bid anything but what it is worth to it, where agents are alike", () => {
    const price = fc.integer({ min: 1_000, max: 1_020 });
    fc.assert(
      fc.property(
        price,
        price,
        fc.array(price, { maxLength: 7 }),
        fc.integer({ min: 1, max: 4 }),
        (value, bid, others, slots) => {
          expect(gain(value, value, others, slots)).toBeGreaterThanOrEqual(gain(value, bid, others, slots));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("pays an agent no more than the next one asks for, or it loses the task", () => {
    const price = fc.integer({ min: 1_000, max: 1_020 });
    fc.assert(
      fc.property(price, price, (asked, rival) => {
        const agents = [
          { terms: terms({ agent: "own", floorPrice: asked }), room: 1 },
          { terms: terms({ agent: "rival", floorPrice: rival }), room: 1 },
        ];
        const groups = [{ group: group({ maxPrice: 2_000 }), numbers: [1] }];
        const won = decide({ groups, agents }).find(({ agent }) => agent === "own");
        expect(won?.price ?? 0).toBeLessThanOrEqual(rival);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What the task of job 0 brings its requester, to whom it is worth `value`, where it bids `bid` among others for slots alike. */
function gain(value: number, bid: number, others: readonly number[], slots: number): number {
  const groups = [bid, ...others].map((maxPrice, index) => ({
    group: group({ id: `job-${index}`, maxPrice }),
    numbers: [index + 1],
  }));
  const agents = [{ terms: terms({ floorPrice: 1_000 }, { slots }), room: slots }];
  const won = decide({ groups, agents }).find(({ number }) => number === 1);
  return won ? value - won.price : 0;
}

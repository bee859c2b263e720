import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareGroups, WaitingGroup } from "../../../src/market/matching/group-index.js";
import { filters, refusingFilter, type TaskGroup } from "../../../src/market/matching/filters.js";
import type { Assignment } from "../../../src/market/matching/matching.js";
import { known } from "../../fixtures.js";
import { anyScene, decide, group, mebibyte, openMarket, type Scene, terms } from "./fixtures.js";

const takenBy = (plan: readonly Assignment[], agent: string) => plan.filter((each) => each.agent === agent);
const groupOf = ({ groups }: Scene, number: number) => known(groups.find(({ numbers }) => numbers.includes(number)));
const termsOf = ({ agents }: Scene, agent: string) => known(agents.find((each) => each.terms.agent === agent)).terms;
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

describe("a decision", () => {
  it("gives no agent more than its room and no task twice", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const plan = decide(scene);
        expect(new Set(plan.map(({ number }) => number)).size).toBe(plan.length);
        for (const each of scene.agents) {
          expect(takenBy(plan, each.terms.agent).length).toBeLessThanOrEqual(each.room);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("assigns only what every filter lets through", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        for (const { number, agent } of decide(scene)) {
          const of = groupOf(scene, number).group;
          for (const passes of Object.values(filters)) expect(passes(of, termsOf(scene, agent))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("leaves no task waiting while an agent that may take it has room", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const plan = decide(scene);
        const assigned = new Set(plan.map(({ number }) => number));
        const free = scene.agents.filter((each) => takenBy(plan, each.terms.agent).length < each.room);
        const waiting = scene.groups.filter((each) => each.numbers.some((number) => !assigned.has(number)));
        for (const each of waiting) for (const one of free) expect(refusingFilter(each.group, one.terms)).toBeDefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it("serves the higher price first, then the older task, but for every tenth assignment of an engine", () => {
    fc.assert(
      fc.property(anyScene, (scene) => {
        const ninth = decide(scene).slice(0, 9);
        const place = ({ number }: Assignment) => {
          const waiting = new WaitingGroup(groupOf(scene, number).group, 0);
          waiting.age = number;
          return waiting;
        };
        for (const [index, next] of ninth.slice(1).entries()) {
          expect(compareGroups(place(known(ninth[index])), place(next))).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("spreads a job over agents in proportion to what they lend", () => {
    const slots = { small: 1, medium: 4, large: 15 };
    const agents = Object.entries(slots).map(([agent, count]) => ({
      terms: terms({ agent }, { slots: count }),
      room: count,
    }));
    const plan = decide({ groups: [{ group: group(), numbers: numbers(10) }], agents });
    expect(takenBy(plan, "medium")).toHaveLength(2);
    expect([7, 8]).toContain(takenBy(plan, "large").length);
  });

  it("prefers the lower floor, and at the same floor the agent with the larger part of its slots free", () => {
    const busy = { terms: terms({ agent: "busy" }, { slots: 10 }), room: 3 };
    const idle = { terms: terms({ agent: "idle" }, { slots: 2 }), room: 2 };
    const dear = { terms: terms({ agent: "dear", floorPrice: 3_088 }), room: 2 };
    const one = [{ group: group(), numbers: [1] }];
    expect(decide({ groups: one, agents: [dear, busy, idle] })[0]?.agent).toBe("idle");
    expect(decide({ groups: one, agents: [dear] })[0]?.agent).toBe("dear");
  });

  it("fills an agent from one group after another, though only the agent has changed", () => {
    const matching = openMarket();
    for (const number of [1, 2, 3]) {
      matching.wait(group({ id: `group-${number}` }), { number, age: number, returned: false });
    }
    expect(matching.decide(0)).toEqual([]);
    matching.addAgent(terms());
    matching.setRoom("a", 2);
    expect(matching.decide(0).map(({ number }) => number)).toEqual([1, 2]);
  });

  it("does not look at ten thousand groups that fit nowhere one by one", () => {
    const matching = openMarket();
    let looks = 0;
    for (let number = 1; number <= 10_000; number++) {
      const large = group({ id: `large-${number}`, maxPrice: 5_000 }, { memoryBytes: 2 ** 40 });
      matching.wait(
        watched(large, () => looks++),
        { number, age: number, returned: false },
      );
    }
    matching.wait(group({ id: "fits" }), { number: 20_000, age: 20_000, returned: false });
    expect(matching.decide(0)).toEqual([]);
    matching.addAgent(terms());
    matching.setRoom("a", 1);
    looks = 0;
    expect(matching.decide(0)).toEqual([{ number: 20_000, agent: "a", price: 3_087 }]);
    expect(looks).toBe(0);
  });
});

/** The group, with `look` called each time that a filter asks for its engine: the first thing that any filter asks for. */
function watched(each: TaskGroup, look: () => void): TaskGroup {
  const { engine } = each;
  return Object.defineProperty({ ...each }, "engine", { get: () => (look(), engine) });
}

const shared = (number: number) => ({
  group: group({ shared: "data" }),
  task: { number, age: number, returned: false },
});

/** `near` has had the input and has one slot free, `far` has two. */
function nearAndFar() {
  const matching = openMarket();
  for (const agent of ["near", "far"]) matching.addAgent(terms({ agent }));
  matching.setRoom("near", 1);
  matching.wait(shared(1).group, shared(1).task);
  expect(matching.decide(0)).toMatchObject([{ agent: "near" }]);
  matching.setRoom("far", 2);
  matching.setRoom("near", 1);
  matching.decide(0);
  return matching;
}

describe("a task with an input that its job shares", () => {
  it("goes to an agent that has it, though another has more room", () => {
    const matching = nearAndFar();
    matching.wait(shared(2).group, shared(2).task);
    expect(matching.decide(0)).toMatchObject([{ number: 2, agent: "near" }]);
  });

  it("goes elsewhere where that agent asks for more, is full, or may not", () => {
    const matching = nearAndFar();
    matching.addAgent(terms({ agent: "near", floorPrice: 3_088 }));
    matching.setRoom("near", 1);
    matching.wait(shared(2).group, shared(2).task);
    expect(matching.decide(0)).toMatchObject([{ agent: "far" }]);
    const full = nearAndFar();
    full.setRoom("near", 0);
    full.wait(shared(2).group, shared(2).task);
    expect(full.decide(0)).toMatchObject([{ agent: "far" }]);
    const refusing = nearAndFar();
    refusing.wait(group({ shared: "data", refused: new Set(["near"]) }), { number: 2, age: 2, returned: false });
    expect(refusing.decide(0)).toMatchObject([{ agent: "far" }]);
  });
});

describe("nothing starves", () => {
  it("serves the task that has waited longest at every tenth assignment of its engine, whatever others pay", () => {
    const matching = openMarket();
    matching.addAgent(terms({}, { engines: ["js", "wasm"] }));
    matching.wait(group({ id: "poor", maxPrice: 3_087 }), { number: 1, age: 1, returned: false });
    const served: number[] = [];
    for (let round = 2; served.at(-1) !== 1 && round < 100; round++) {
      for (const more of [0, 1]) {
        const number = 2 * round + more;
        matching.wait(group({ id: "rich", maxPrice: 5_000 }), { number, age: number, returned: false });
      }
      matching.setRoom("a", 1);
      served.push(...matching.decide(0).map(({ number }) => number));
    }
    expect(served).toHaveLength(10);
    expect(served.at(-1)).toBe(1);
  });

  it("serves every task of a stream within ten times as many assignments as older ones waited, whatever comes after", () => {
    const arrivals = fc.array(
      fc.record({ price: fc.integer({ min: 3_087, max: 9_000 }), memory: fc.constantFrom(64, 512) }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(arrivals, (before) => {
        const matching = openMarket();
        matching.addAgent(terms());
        const waiting = new Set<number>();
        let number = 0;
        const arrive = (maxPrice: number, memory: number) => {
          number++;
          waiting.add(number);
          matching.openJob(`job-${number}`);
          const memoryBytes = memory * mebibyte;
          matching.wait(group({ id: `job-${number}`, maxPrice }, { memoryBytes }), {
            number,
            age: number,
            returned: false,
          });
        };
        for (const { price, memory } of before) arrive(price, memory);
        for (let assigned = 0; assigned < before.length * 10; assigned++) {
          arrive(10_000, 64);
          matching.setRoom("a", 1);
          for (const each of matching.decide(0)) waiting.delete(each.number);
        }
        expect([...waiting].filter((each) => each <= before.length)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

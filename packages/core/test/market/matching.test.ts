import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Assignment,
  type Candidate,
  compareGroups,
  filters,
  matchTasks,
  refusingFilter,
  type WaitingGroup,
} from "../../src/market/matching.js";
import type { Requirements } from "../../src/protocol/requirements.js";
import { filled, known } from "../fixtures.js";

const mebibyte = 1024 ** 2;
const requirements = (changes: Partial<Requirements> = {}): Requirements => ({
  engine: "js",
  memoryBytes: 256 * mebibyte,
  timeLimitMs: 60_000,
  outputBytes: mebibyte,
  ...changes,
});
const group = (changes: Partial<WaitingGroup> = {}): WaitingGroup => ({
  requirements: requirements(),
  maxPrice: 4_000n,
  age: 100,
  numbers: [1, 2, 3],
  ...changes,
});
const having = (some: Partial<Requirements>): WaitingGroup => group({ requirements: requirements(some) });
const candidate = (changes: Partial<Candidate> = {}, offer: Partial<Candidate["offer"]> = {}): Candidate => ({
  agent: "a",
  operator: filled(0xa),
  room: 2,
  ...changes,
  offer: {
    class: "cpu",
    engines: ["js"],
    slots: 2,
    memoryBytes: 1024 * mebibyte,
    speeds: { fp32FlopsPerSecond: 80e9, memoryBytesPerSecond: 12e9 },
    floorPrice: "3087",
    share: "cpu=100%",
    ...offer,
  },
});

/** Small domains on purpose: groups and agents that nearly fit one another, with ties. */
const operator = fc.constantFrom(filled(1), filled(2), filled(3));
const engine = fc.constantFrom("js", "wasm", "onnx");
const memoryBytes = fc.constantFrom(64, 256, 1_024).map((size) => size * mebibyte);
const anyGroup = fc.record({
  requirements: fc
    .record(
      {
        engine,
        memoryBytes,
        operators: fc.uniqueArray(operator, { minLength: 1 }),
        excludedOperators: fc.uniqueArray(operator),
      },
      { requiredKeys: ["engine", "memoryBytes"] },
    )
    .map((some) => requirements(some)),
  maxPrice: fc.constantFrom(2_000n, 3_500n, 5_000n),
  age: fc.nat({ max: 5 }),
  size: fc.nat({ max: 6 }),
});
const anyCandidate = fc.record({
  operator,
  room: fc.nat({ max: 5 }),
  offer: fc
    .record({ engines: fc.uniqueArray(engine), memoryBytes, slots: fc.integer({ min: 1, max: 4 }) })
    .chain((some) => fc.constantFrom("1000", "3087", "4500").map((floorPrice) => ({ ...some, floorPrice }))),
});
const market = fc
  .tuple(fc.array(anyGroup, { maxLength: 6 }), fc.array(anyCandidate, { maxLength: 5 }))
  .map(([groups, agents]) => {
    let number = 0;
    return {
      groups: groups.map(({ size, ...rest }) => ({ ...rest, numbers: Array.from({ length: size }, () => ++number) })),
      candidates: agents.map(({ offer, ...rest }, index) => candidate({ ...rest, agent: `agent-${index}` }, offer)),
    };
  });

const groupOf = (groups: readonly WaitingGroup[], number: number): WaitingGroup =>
  known(groups.find(({ numbers }) => [...numbers].includes(number)));
const takenBy = (plan: readonly Assignment[], agent: string): Assignment[] =>
  plan.filter((assignment) => assignment.agent === agent);

describe("a plan", () => {
  it("gives no agent more than its room and no task twice", () => {
    fc.assert(
      fc.property(market, ({ groups, candidates }) => {
        const plan = matchTasks(groups, candidates);
        expect(new Set(plan.map(({ number }) => number)).size).toBe(plan.length);
        for (const { agent, room } of candidates) expect(takenBy(plan, agent).length).toBeLessThanOrEqual(room);
      }),
      { numRuns: 500 },
    );
  });

  it("assigns only what every filter lets through, at the agent's floor, never above the task's top price", () => {
    fc.assert(
      fc.property(market, ({ groups, candidates }) => {
        for (const { number, agent, price } of matchTasks(groups, candidates)) {
          const chosen = known(candidates.find((one) => one.agent === agent));
          const of = groupOf(groups, number);
          for (const passes of Object.values(filters)) expect(passes(of, chosen)).toBe(true);
          expect(price).toBe(BigInt(chosen.offer.floorPrice));
          expect(price <= of.maxPrice).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("leaves no task waiting while an agent that may take it has room", () => {
    fc.assert(
      fc.property(market, ({ groups, candidates }) => {
        const plan = matchTasks(groups, candidates);
        const assigned = new Set(plan.map(({ number }) => number));
        const free = candidates.filter(({ agent, room }) => takenBy(plan, agent).length < room);
        for (const waiting of groups.filter(({ numbers }) => numbers.some((number) => !assigned.has(number)))) {
          for (const one of free) expect(refusingFilter(waiting, one)).toBeDefined();
        }
      }),
      { numRuns: 500 },
    );
  });

  it("serves the higher price first, then the older group, and within a group the oldest task", () => {
    fc.assert(
      fc.property(market, ({ groups, candidates }) => {
        const plan = matchTasks(groups, candidates);
        const order = plan.map(({ number }) => groupOf(groups, number));
        for (const [index, next] of order.slice(1).entries()) {
          expect(compareGroups(known(order[index]), next)).toBeLessThanOrEqual(0);
        }
        for (const { numbers } of groups) {
          const served = plan.map(({ number }) => number).filter((number) => numbers.includes(number));
          expect(served).toEqual(numbers.slice(0, served.length));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("changes neither the groups nor the agents it was given", () => {
    const [groups, candidates] = [[group({ age: 2 }), group({ age: 1, numbers: [4] })], [candidate()]];
    matchTasks(groups, candidates);
    expect(groups.map(({ age }) => age)).toEqual([2, 1]);
    expect(candidates[0]?.room).toBe(2);
  });

  it("spreads a job over agents in proportion to what they lend", () => {
    const slots = { small: 1, medium: 4, large: 15 };
    const candidates = Object.entries(slots).map(([agent, count]) =>
      candidate({ agent, room: count }, { slots: count }),
    );
    const numbers = Array.from({ length: 10 }, (_, index) => index + 1);
    const plan = matchTasks([group({ numbers })], candidates);
    expect(takenBy(plan, "medium")).toHaveLength(2);
    expect(takenBy(plan, "large").length).toBeGreaterThanOrEqual(7);
    expect(takenBy(plan, "large").length).toBeLessThanOrEqual(8);
  });

  it("prefers the agent with the larger part of its slots free", () => {
    const busy = candidate({ agent: "busy", room: 3 }, { slots: 10 });
    const idle = candidate({ agent: "idle", room: 2 }, { slots: 2 });
    expect(matchTasks([group({ numbers: [1] })], [busy, idle])).toEqual([{ number: 1, agent: "idle", price: 3_087n }]);
  });

  it("reads no more of a long queue than there is room", () => {
    let read = 0;
    function* numbers(): Generator<number> {
      for (;;) yield ++read;
    }
    expect(matchTasks([group({ numbers: numbers() })], [candidate({ room: 2 })])).toHaveLength(2);
    expect(read).toBeLessThanOrEqual(3);
  });
});

describe("the filter that refuses", () => {
  it("is named, the cheapest to check first", () => {
    expect(refusingFilter(group(), candidate())).toBeUndefined();
    expect(refusingFilter(group(), candidate({}, { engines: ["wasm"], memoryBytes: 0 }))).toBe("engine");
  });

  it("lets no device run what is paid by the speed of another class", () => {
    expect(refusingFilter(group(), candidate({}, { class: "webgpu", engines: ["js"] }))).toBe("engine");
    expect(refusingFilter(group(), candidate({}, { memoryBytes: 256 * mebibyte - 1, floorPrice: "9999" }))).toBe(
      "memory",
    );
    expect(refusingFilter(group(), candidate({}, { memoryBytes: 256 * mebibyte }))).toBeUndefined();
    expect(refusingFilter(group(), candidate({}, { floorPrice: "4001" }))).toBe("price");
    expect(refusingFilter(group(), candidate({}, { floorPrice: "4000" }))).toBeUndefined();
  });

  it("keeps to the operators that the requester pins or excludes", () => {
    const [mine, other] = [filled(0xa), filled(0xb)];
    expect(refusingFilter(having({ operators: [other, mine] }), candidate())).toBeUndefined();
    expect(refusingFilter(having({ operators: [other] }), candidate())).toBe("operator");
    expect(refusingFilter(having({ excludedOperators: [other] }), candidate())).toBeUndefined();
    expect(refusingFilter(having({ excludedOperators: [other, mine] }), candidate())).toBe("operator");
    expect(refusingFilter(having({ operators: [mine], excludedOperators: [mine] }), candidate())).toBe("operator");
  });
});

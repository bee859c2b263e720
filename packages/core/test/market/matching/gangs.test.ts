import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TaskGroup } from "../../../src/market/matching/filters.js";
import { keepMs } from "../../../src/market/matching/gangs.js";
import { Matching } from "../../../src/market/matching/matching.js";
import { known } from "../../fixtures.js";
import { group, terms } from "./fixtures.js";

const gang = (size: number, changes: Parameters<typeof group>[0] = {}) =>
  group({ id: "gang", job: "gang", ...changes }, { gang: { number: 1, size } });

/** A market that tests step through; numbers of tasks rise, so a lower one is older. */
class Market {
  readonly matching = new Matching();
  now = 0;
  #numbers = 0;

  constructor(agents: readonly (readonly [name: string, room: number, floorPrice?: number])[]) {
    for (const [agent, room, floorPrice = 1_000] of agents) {
      this.matching.addAgent(terms({ agent, floorPrice }));
      this.matching.setRoom(agent, room);
    }
  }

  wait(waiting: TaskGroup, count = 1): this {
    this.matching.openJob(waiting.job);
    for (let task = 0; task < count; task++) {
      const number = ++this.#numbers;
      this.matching.wait(waiting, { number, age: number, returned: false });
    }
    return this;
  }

  decide(): string[] {
    return this.matching.decide(this.now).map(({ number, agent }) => `${number} ${agent}`);
  }

  kept(): string[] {
    return [...this.matching.agents()].filter(({ isKept }) => isKept).map(({ terms: { agent } }) => agent);
  }
}

describe("a gang", () => {
  it("begins when all of its tasks are here, each on an agent of its own though one has room for two", () => {
    const market = new Market([
      ["a", 2],
      ["b", 2],
    ]);
    expect(market.wait(gang(2), 1).decide()).toEqual([]);
    expect(market.wait(gang(2), 1).decide()).toEqual(["1 a", "2 b"]);
  });

  it("takes nobody where there are too few, and the tasks of others go on beside it", () => {
    const market = new Market([["a", 2]]);
    market.wait(gang(2), 2).wait(group({ maxPrice: 1_500 }), 3);
    expect(market.decide()).toEqual(["3 a", "4 a"]);
    expect(market.kept()).toEqual([]);
  });

  it("takes the agents that ask least", () => {
    const market = new Market([
      ["dear", 1, 3_000],
      ["cheap", 1, 1_000],
      ["fair", 1, 2_000],
    ]);
    expect(market.wait(gang(2), 2).decide()).toEqual(["1 cheap", "2 fair"]);
  });

  it("has its turn by its price, as all have", () => {
    const agents = [
      ["a", 1],
      ["b", 1],
    ] as const;
    expect(
      new Market(agents)
        .wait(gang(2), 2)
        .wait(group({ maxPrice: 5_000 }))
        .decide(),
    ).toEqual(["3 a"]);
    expect(
      new Market(agents)
        .wait(gang(2), 2)
        .wait(group({ maxPrice: 3_000 }))
        .decide(),
    ).toEqual(["1 a", "2 b"]);
  });

  it("of a closed job waits, and what was kept for it is free at once", () => {
    const market = new Market([
      ["a", 1],
      ["b", 0],
    ]);
    expect(market.wait(gang(2), 2).decide()).toEqual([]);
    expect(market.kept()).toEqual(["a"]);
    market.matching.closeJob("gang");
    expect(market.wait(group()).decide()).toEqual(["3 a"]);
  });
});

const busy = () =>
  new Market([
    ["a", 0],
    ["b", 0],
  ]);

describe("agents that become free are kept for the gang that is next", () => {
  it("so that it begins although single tasks that pay more never cease", () => {
    const market = busy();
    market.wait(gang(2), 2).wait(group({ maxPrice: 5_000 }), 9);
    market.decide();
    market.matching.setRoom("a", 1);
    expect(market.decide()).toEqual([]);
    market.matching.setRoom("b", 1);
    expect(market.decide()).toEqual(["1 a", "2 b"]);
  });

  it("for a bounded time, then serve others for as long, then are kept for twice as long", () => {
    const market = busy();
    market.wait(gang(2), 2).wait(group({ maxPrice: 5_000 }), 9);
    market.decide();
    market.matching.setRoom("a", 1);
    market.now = keepMs.first - 1;
    expect(market.decide()).toEqual([]);
    market.now = keepMs.first;
    expect(market.decide()).toEqual(["3 a"]);
    market.now = 2 * keepMs.first - 1;
    market.matching.setRoom("a", 1);
    expect(market.decide()).toEqual(["4 a"]);
    market.now = 2 * keepMs.first;
    market.decide();
    market.matching.setRoom("a", 1);
    market.now = 4 * keepMs.first - 1;
    expect(market.decide()).toEqual([]);
    market.now = 4 * keepMs.first;
    expect(market.decide()).toEqual(["5 a"]);
  });

  it("and not for one that the agents here never are enough for, which does not keep the next from its turn", () => {
    const market = busy();
    for (let index = 0; index < 9; index++) market.wait(gang(3, { id: `large-${index}`, job: "large" }), 3);
    market.wait(gang(2), 2);
    for (let second = 0; second < 3; second++) {
      market.now = second * 1_000;
      market.decide();
    }
    market.matching.setRoom("a", 1);
    expect(market.decide()).toEqual([]);
    expect(market.kept()).toEqual(["a"]);
  });

  it("unless one takes its slot back: the gang then waits for another", () => {
    const market = busy();
    market.wait(gang(2), 2);
    market.decide();
    market.matching.setRoom("a", 1);
    market.decide();
    market.matching.setRoom("a", 0);
    market.matching.setRoom("b", 1);
    expect(market.decide()).toEqual([]);
    market.matching.setRoom("a", 1);
    expect(market.decide()).toEqual(["1 b", "2 a"]);
  });

  it("one slot of each: another slot of the same agent serves anybody", () => {
    const market = busy();
    market.wait(gang(2), 2).wait(group(), 2);
    market.decide();
    market.matching.setRoom("a", 2);
    expect(market.decide()).toEqual(["3 a"]);
    expect(market.kept()).toEqual(["a"]);
  });

  it("and holds nothing in advance there: what it began would keep the gang waiting", () => {
    const market = busy();
    market.wait(gang(2), 2);
    market.decide();
    market.matching.setRoom("a", 1, 3);
    market.decide();
    market.matching.openJob("short", true);
    expect(market.wait(group({ id: "short", job: "short" })).decide()).toEqual([]);
  });
});

it("every gang that the agents here are enough for begins, whatever pays more and whenever agents become free", () => {
  const anyRun = fc.record({
    sizes: fc.array(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 4 }),
    runs: fc.infiniteStream(fc.integer({ min: 1_000, max: 120_000 })),
  });
  fc.assert(
    fc.property(anyRun, ({ sizes, runs }) => {
      const names = ["a", "b", "c", "d"];
      const market = new Market(names.map((name) => [name, 0] as const));
      const free = new Map(names.map((name) => [name, known(runs.next().value)]));
      const left = new Set<string>();
      const numbers = new Map<string, string>();
      let number = 0;
      for (const [index, size] of sizes.entries()) {
        left.add(`gang-${index}`);
        for (let task = 0; task < size; task++) numbers.set(String(++number), `gang-${index}`);
        market.wait(gang(size, { id: `gang-${index}`, maxPrice: 1_500 }), size);
      }
      const rich = group({ maxPrice: 5_000 });
      for (let step = 0; left.size > 0 && step < 20_000; step++) {
        market.now += 1_000;
        market.wait(rich, 2);
        for (const [name, at] of free) if (at <= market.now) market.matching.setRoom(name, 1);
        for (const leased of market.decide()) {
          const [task = "", agent = ""] = leased.split(" ");
          market.matching.setRoom(agent, 0);
          free.set(agent, market.now + known(runs.next().value));
          left.delete(numbers.get(task) ?? "");
        }
      }
      expect([...left]).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

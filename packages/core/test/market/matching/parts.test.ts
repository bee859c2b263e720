import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AgentTerms, TaskGroup } from "../../../src/market/matching/filters.js";
import { keepMs, passedByMs } from "../../../src/market/matching/gangs.js";
import { Matching } from "../../../src/market/matching/matching.js";
import { partsLent } from "../../../src/market/packing/card-parts.js";
import { whyNot } from "../../../src/market/why.js";
import { group, mebibyte, terms } from "./fixtures.js";

const gibibyte = 1024 * mebibyte;

/** An agent that lends so many thousandths of a card with 8 GiB, and 4 GiB of the machine's memory. */
function card(
  agent: string,
  thousandths = 1_000,
  changes: Partial<Omit<AgentTerms, "offer" | "parts">> = {},
): AgentTerms {
  const offer = {
    ...{ class: "webgpu" as const, engines: ["webgpu" as const], slots: 1, memoryBytes: 4 * gibibyte },
    card: { thousandths, memoryBytes: 8 * gibibyte },
  };
  return { ...terms({ agent, floorPrice: 1_000, ...changes }, offer), parts: partsLent(offer) };
}

/** Tasks that take a part of a card, or all that is lent of one. */
function asking(
  id: string,
  thousandths: number | "all",
  maxPrice = 4_000,
  { memoryBytes = 64 * mebibyte, cardBytes = 0, gang = 1 } = {},
): TaskGroup {
  return group(
    { id, job: id, maxPrice },
    {
      engine: "webgpu",
      memoryBytes,
      ...(thousandths !== "all" && { card: { thousandths, memoryBytes: cardBytes } }),
      ...(gang > 1 && { gang: { number: 1, size: gang } }),
    },
  );
}

/** A market of cards, with what runs on them: a test steps through it, or chance does. */
class Cards {
  readonly matching = new Matching();
  /** What runs where, by number. */
  readonly running = new Map<number, { readonly agent: string; readonly group: TaskGroup }>();
  readonly waiting = new Map<number, TaskGroup>();
  now = 0;
  readonly #agents = new Map<string, AgentTerms>();
  #numbers = 0;

  constructor(...agents: readonly AgentTerms[]) {
    for (const each of agents) this.come(each);
  }

  come(agent: AgentTerms): void {
    this.#agents.set(agent.agent, agent);
    this.matching.addAgent(agent);
    this.#tell(agent.agent);
  }

  go(agent: string): void {
    this.#agents.delete(agent);
    this.matching.removeAgent(agent);
    for (const [number, run] of this.running) if (run.agent === agent) this.running.delete(number);
  }

  wait(waiting: TaskGroup, count = 1): this {
    this.matching.openJob(waiting.job);
    for (let task = 0; task < count; task++) {
      const number = ++this.#numbers;
      this.matching.wait(waiting, { number, age: number, returned: false });
      this.waiting.set(number, waiting);
    }
    return this;
  }

  decide(): string[] {
    const decided = this.matching.decide(this.now);
    for (const { number, agent } of decided) {
      this.running.set(number, { agent, group: this.waiting.get(number) ?? asking("nobody", "all") });
      this.waiting.delete(number);
    }
    for (const agent of new Set(decided.map((each) => each.agent))) this.#tell(agent);
    return decided.map(({ number, agent }) => `${number} ${agent}`);
  }

  end(...numbers: readonly number[]): this {
    for (const number of numbers) {
      const { agent } = this.running.get(number) ?? { agent: "" };
      this.running.delete(number);
      this.#tell(agent);
    }
    return this;
  }

  /** Thousandths that are free, by what runs. */
  free(agent: string): number {
    const lent = this.#agents.get(agent)?.parts?.gpusMilli[0] ?? 0;
    const taken = this.on(agent).reduce((sum, { part }) => sum + (part?.gpuMilli ?? lent), 0);
    return lent - taken;
  }

  on(agent: string): TaskGroup[] {
    return [...this.running.values()].filter((run) => run.agent === agent).map((run) => run.group);
  }

  /** As a pool would: what is free is what was lent, less what runs. */
  #tell(agent: string): void {
    const parts = this.#agents.get(agent)?.parts;
    const on = this.on(agent);
    if (!parts || on.some(({ part }) => !part)) return this.matching.setRoom(agent, 0);
    const memory = on.reduce((sum, { part }) => sum + (part?.memoryMib ?? 0), 0);
    const free = { ...parts, gpusMilli: [this.free(agent)], memoryMib: parts.memoryMib - memory };
    this.matching.setRoom(agent, on.length === 0 ? 1 : 0, 0, free);
  }
}

const quarter = (id: string, sizes: { memoryBytes?: number; cardBytes?: number }) => asking(id, 250, 4_000, sizes);

describe("a card that is lent in parts", () => {
  it("takes tasks until nothing is left for another, and goes on when one has ended", () => {
    const market = new Cards(card("a"));
    market.wait(asking("job", 400), 3);
    expect(market.decide()).toEqual(["1 a", "2 a"]);
    expect(market.end(1).decide()).toEqual(["3 a"]);
  });

  it("takes the best price of what fits, and what is too large for what is free does not stop a smaller one", () => {
    const market = new Cards(card("a"));
    market
      .wait(asking("first", 600, 5_000))
      .wait(asking("large", 600, 4_500))
      .wait(asking("small", 400, 2_000));
    expect(market.decide()).toEqual(["1 a", "3 a"]);
  });

  it("takes a task that asks for all of it only while nothing runs there, and nothing beside it", () => {
    const market = new Cards(card("a"));
    market.wait(asking("all", "all"));
    expect(market.decide()).toEqual(["1 a"]);
    expect(market.wait(asking("part", 50)).decide()).toEqual([]);
    expect(market.end(1).decide()).toEqual(["2 a"]);
    expect(market.wait(asking("all", "all")).decide()).toEqual([]);
  });

  it("lends what its owner lends: half a card fits nothing larger", () => {
    const market = new Cards(card("half", 500));
    expect(market.wait(asking("large", 501)).wait(asking("fits", 500)).decide()).toEqual(["2 half"]);
    const [now] = market.matching.agents();
    expect(now && whyNot(asking("large", 501), now)).toBe("card");
    expect(now && whyNot(asking("fits", 500), now)).toBe("busy");
  });

  it("has memory of its own for each part, in proportion, and the machine's for all of them together", () => {
    const market = new Cards(card("a"));
    market.wait(quarter("card too small", { cardBytes: 2 * gibibyte + 1 }));
    market.wait(quarter("fits", { cardBytes: 2 * gibibyte, memoryBytes: 3 * gibibyte }));
    market.wait(quarter("machine full", { memoryBytes: 2 * gibibyte }));
    expect(market.decide()).toEqual(["2 a"]);
    expect(market.end(2).decide()).toEqual(["3 a"]);
  });

  it("is taken before one that asks more", () => {
    const market = new Cards(card("dear", 1_000, { floorPrice: 2_000 }), card("cheap"));
    expect(market.wait(asking("job", 500), 3).decide()).toEqual(["1 cheap", "2 cheap", "3 dear"]);
  });

  it("is taken where it strands least of what comes: a half goes to half a card, and leaves the whole one whole", () => {
    const market = new Cards(card("whole"), card("half", 500));
    market.wait(asking("whole cards come too", 1_000, 1)).wait(asking("half", 500));
    expect(market.decide()).toEqual(["2 half"]);
  });

  it("serves the next that fits where what it would have taken first has gone elsewhere, or fits no more", () => {
    const market = new Cards();
    market.wait(asking("large", 600, 5_000), 2).wait(asking("small", 400));
    expect(market.decide()).toEqual([]);
    market.come(card("a"));
    expect(market.decide()).toEqual(["1 a", "3 a"]);
  });

  it("is paid what the next task in line would have paid, whatever part that one asks for", () => {
    const { matching } = new Cards(card("a")).wait(asking("rich", 600, 5_000)).wait(asking("poor", "all", 3_000));
    expect(matching.decide(0)).toEqual([{ number: 1, agent: "a", price: 3_000 }]);
  });

  it("is not given to those that its requester refuses or does not name", () => {
    const refusing = { ...asking("refusing", 100), refused: new Set(["a"]) };
    const naming = { ...asking("naming", 100), operators: new Set(["nobody"]) };
    expect(new Cards(card("a")).wait(refusing).wait(naming).wait(asking("any", 100)).decide()).toEqual(["3 a"]);
  });
});

/** Two cards that small tasks which pay more keep busy: when one ends, the next comes. */
function crowded(...more: readonly TaskGroup[]): Cards {
  const market = new Cards(card("a"), card("b"));
  market.wait(asking("small", 250, 9_000), 100);
  market.decide();
  for (const each of more) market.wait(each, each.gangSize);
  return market;
}

const runningOn = (market: Cards, agent: string) =>
  [...market.running].filter(([, run]) => run.agent === agent).map(([number]) => number);

/** Lets a small task end every 10 s, the oldest first, for this long; what began that is not small. */
function pass(market: Cards, seconds: number): string[] {
  const begun: string[] = [];
  for (const end = market.now + seconds * 1_000; market.now < end; market.now += 10_000) {
    const oldest = [...market.running].find(([, run]) => run.group.id === "small");
    market.end(...(oldest ? [oldest[0]] : []));
    begun.push(
      ...market.decide().filter((each) => market.running.get(Number.parseInt(each, 10))?.group.id !== "small"),
    );
  }
  return begun;
}

describe("small parts that never cease do not keep from a card", () => {
  it("a task that needs a large part of it", () => {
    const market = crowded(asking("large", 800));
    expect(pass(market, passedByMs / 1_000)).toEqual([]);
    expect(pass(market, 300)).toEqual(["101 a"]);
  });

  it("a task that needs all of it", () => {
    expect(pass(crowded(asking("all", "all")), 300)).toEqual(["101 a"]);
  });

  it("a gang that needs all of several", () => {
    expect(pass(crowded(asking("gang", "all", 4_000, { gang: 2 })), 600)).toEqual(["101 b", "102 a"]);
  });

  it("and while one is closed for it, the other serves all as before", () => {
    const market = crowded(asking("all", "all"));
    pass(market, passedByMs / 1_000 + 30);
    const free = [...market.matching.agents()].map(({ isKept }) => isKept);
    expect(free).toEqual([true, false]);
    expect(market.end(8).decide()).toHaveLength(1);
  });

  it("nor when the card that was closed for it goes away: another is", () => {
    const market = crowded(asking("all", "all"));
    pass(market, passedByMs / 1_000 + 10);
    market.go("a");
    market.decide();
    const closed = [...market.matching.agents()].filter(({ isKept }) => isKept);
    expect(closed.map((each) => each.terms.agent)).toEqual(["b"]);
  });

  it("and a card that has gone away lends nothing when what it was closed for has gone too", () => {
    const market = crowded(asking("all", "all"));
    pass(market, passedByMs / 1_000 + 10);
    market.go("a");
    market.matching.leave("all", 101);
    expect(
      market
        .end(...runningOn(market, "b"))
        .decide()
        .every((each) => each.endsWith(" b")),
    ).toBe(true);
  });

  it("and nothing stays closed for one that has gone, or beyond its time", () => {
    const market = crowded(asking("all", "all"));
    pass(market, passedByMs / 1_000 + 10);
    market.matching.leave("all", 101);
    expect(market.end(...runningOn(market, "a")).decide()).toHaveLength(4);
    const late = crowded(asking("all", "all"));
    pass(late, passedByMs / 1_000 + 10);
    expect(late.end(...runningOn(late, "a").slice(1)).decide()).toEqual([]);
    late.now += keepMs.first;
    expect(late.decide()).toHaveLength(3);
  });
});

const anyAsk = fc.record({
  size: fc.constantFrom<number | "all">(50, 250, 400, 500, 800, 1_000, "all"),
  price: fc.constantFrom(500, 1_500, 3_000, 9_000),
  gang: fc.constantFrom(1, 1, 1, 1, 2),
});
const anyStep = fc.tuple(fc.constantFrom("wait", "end", "end", "pass", "go", "come"), fc.nat(), anyAsk);

it("whatever happens, no card lends more than it has, whole cards are alone, no pair is left but at cards that are closed, and gangs begin whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(300, 500, 1_000), { minLength: 1, maxLength: 4 }),
      fc.array(anyStep),
      (lent, steps) => {
        const agents = lent.map((thousandths, index) => card(`card-${index}`, thousandths));
        const market = new Cards(...agents);
        const wrong: unknown[] = [];
        for (const [step, index, { size, price, gang }] of steps) {
          const agent = agents[index % agents.length];
          if (step === "wait")
            market.wait(
              asking(`${size} ${price} ${gang} ${gang > 1 ? index : ""}`, gang > 1 ? "all" : size, price, { gang }),
              gang,
            );
          if (step === "end") market.end(...[...market.running.keys()].slice(index % 5, (index % 5) + 1));
          if (step === "pass") market.now += (index % 60) * 1_000;
          if (step === "go" && agent) market.go(agent.agent);
          if (step === "come" && agent) market.come(agent);
          const before = market.waiting.size;
          const decided = market.decide();
          const begun = decided.map((each) => market.running.get(Number.parseInt(each, 10))?.group);
          for (const each of begun)
            if (each && each.gangSize > 1 && begun.filter((other) => other?.id === each.id).length % each.gangSize > 0)
              wrong.push({ inPart: each.id });
          for (const { agent: name } of agents) {
            const on = market.on(name);
            if (market.free(name) < 0 || (on.length > 1 && on.some(({ part }) => !part)))
              wrong.push({ name, on, before });
          }
          for (const now of market.matching.agents()) {
            for (const each of market.waiting.values())
              if (each.gangSize === 1 && whyNot(each, now) === undefined) wrong.push({ left: each.id, now });
          }
        }
        expect(wrong).toEqual([]);
      },
    ),
    { numRuns: 3_000 },
  );
});

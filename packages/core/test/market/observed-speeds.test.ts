import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observedRules, ObservedSpeeds } from "../../src/market/observed-speeds.js";

/** How many times as long as its proven speed says each agent takes; an operator of its own each, unless it says "x/y". */
type World = Readonly<Record<string, number>>;

function seen(world: World, { kinds = 3, runs = 3, ms = 1_000 } = {}): ObservedSpeeds {
  const observed = new ObservedSpeeds();
  for (let kind = 0; kind < kinds; kind++) {
    for (const [agent, excess] of Object.entries(world)) {
      const speed = 1_000 * (1 + agent.length);
      const run = { kind: `kind${kind}`, agent, operator: agent.split("/")[0] ?? agent, speed };
      for (let time = 0; time < runs; time++) {
        observed.observe({ ...run, ms: ((ms * 2_000) / speed) * (kind + 1) * excess });
      }
    }
  }
  return observed;
}

describe("what real work says of a proven speed", () => {
  it("is that an agent is as fast as it has proven where others need as much work", () => {
    expect(seen({ a: 1, b: 1, c: 1 }).partOf("a")).toBeCloseTo(1);
  });

  it("is by how much an agent is slower than it has proven", () => {
    const observed = seen({ a: 1.25, b: 1, c: 1 });
    expect(observed.partOf("a")).toBeCloseTo(0.8);
    expect(observed.partOf("b")).toBeCloseTo(1);
  });

  it("is never that an agent is faster than it has proven, nor less than half as fast", () => {
    const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(factor, factor, factor, (a, b, c) => {
        const part = seen({ a, b, c }, { ms: 100_000 }).partOf("a") ?? Number.NaN;
        expect(part).toBeGreaterThanOrEqual(observedRules.lowest);
        expect(part).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    ["of two kinds only", { a: 2, b: 1, c: 1 }, { kinds: 2 }],
    ["of two runs of each kind only", { a: 2, b: 1, c: 1 }, { runs: 2 }],
    ["of runs that take as long as the network", { a: 1, b: 1, c: 1 }, { ms: observedRules.leastMs / 2 }],
    ["beside one other operator only, however many agents it has", { a: 2, "b/1": 1, "b/2": 1 }, {}],
    ["beside its own operator's agents", { "a/1": 2, "a/2": 1, "a/3": 1, b: 1 }, {}],
  ] as const)("is unknown %s", (_what, world: World, terms) => {
    const [agent = ""] = Object.keys(world);
    expect(seen(world, terms).partOf(agent)).toBeUndefined();
  });

  it("is not moved by one operator with many agents", () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`liar/${index}`, 0.1]));
    expect(seen({ a: 1, b: 1, c: 1, d: 1, ...many }).partOf("a")).toBeCloseTo(1);
  });

  it("follows an agent that slows itself down after its challenge", () => {
    const observed = seen({ a: 1, b: 1, c: 1 });
    for (let kind = 0; kind < 3; kind++) {
      for (let time = 0; time < 4; time++) {
        observed.observe({ kind: `kind${kind}`, agent: "a", operator: "a", speed: 2_000, ms: 1_600 * (kind + 1) });
      }
    }
    expect(observed.partOf("a")).toBeCloseTo(1 / 1.6);
  });
});

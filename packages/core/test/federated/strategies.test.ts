import { describe, expect, it } from "vitest";
import { strategyOf, type StrategyTerms } from "../../src/federated/strategies/strategy.js";

function path(terms: StrategyTerms, starts: number[], updates: number[][]): number[][] {
  const parameters = Float32Array.from(starts);
  const strategy = strategyOf(terms, starts.length);
  return updates.map((update) => {
    strategy.apply(parameters, Float64Array.from(update));
    return [...parameters];
  });
}

describe("strategies", () => {
  const updates = [
    [0.2, 0.01],
    [-0.3, 0.02],
    [0.05, -0.5],
  ];

  it("FedAvg moves by the mean update", () => {
    const expected = [
      [0.7, -0.99],
      [0.4, -0.97],
      [0.45, -1.47],
    ];
    const found = path({ name: "fed-avg" }, [0.5, -1], updates);
    expect(found).toEqual(expected.map((line) => line.map((value) => expect.closeTo(value, 6))));
    const half = path({ name: "fed-avg", serverRate: 0.5 }, [0.5, -1], updates);
    expect(half[0]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(-0.995, 6)]);
  });

  it("FedProx moves as FedAvg, and asks participants for its proximal term", () => {
    expect(path({ name: "fed-prox" }, [0.5, -1], updates)).toEqual(path({ name: "fed-avg" }, [0.5, -1], updates));
    expect(strategyOf({ name: "fed-prox" }, 1).proximal).toBe(0.01);
    expect(strategyOf({ name: "fed-prox", proximal: 0.3 }, 1).proximal).toBe(0.3);
  });

  it("FedAdam goes as algorithm 2 of its paper, worked out in Python", () => {
    const terms = { name: "fed-adam", serverRate: 0.05, tau: 0.01 } as const;
    const expected = [
      [0.530923077, -0.9975],
      [0.518247854, -0.990303574],
      [0.512140567, -1.029141782],
    ];
    const found = path(terms, [0.5, -1], updates);
    expect(found).toEqual(expected.map((line) => line.map((value) => expect.closeTo(value, 6))));
  });

  it.each<StrategyTerms>([
    { name: "fed-avg", serverRate: 0 },
    { name: "fed-avg", serverRate: 11 },
    { name: "fed-prox", proximal: -0.1 },
    { name: "fed-prox", serverRate: 0 },
    { name: "fed-adam", serverRate: Number.NaN },
    { name: "fed-adam", beta1: 1 },
    { name: "fed-adam", beta2: 1 },
    { name: "fed-adam", tau: 0 },
  ])("refuses %j", (terms) => {
    expect(() => strategyOf(terms, 1)).toThrow(RangeError);
  });
});

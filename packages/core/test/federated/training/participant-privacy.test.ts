import { describe, expect, it } from "vitest";
import { normOf, recorded, terms, train } from "./made-run.js";
import { cutRows, entry, madeRows } from "./made-rows.js";

describe("training together under a participant's privacy", () => {
  const privacy = { noiseMultiplier: 0.8, sharers: 4 };
  const weighting = { by: "participant" } as const;

  it("asks each for its share of the noise, and sends no loss", () => {
    const { steps, sum } = recorded();
    const parts = cutRows(madeRows(90, 4, 3), [30, 30, 30]);
    const results = train(parts, { terms: { privacy, weighting, clip: { norm: 0.3 } }, sum });
    expect(entry(results, 0).loss).toBeUndefined();
    expect(entry(results, 0).rounds.map(({ loss }) => loss)).toEqual([undefined, undefined, undefined]);
    expect(steps).toHaveLength(terms.rounds);
    for (const { parts: asked } of steps.flat()) {
      expect(asked.map(({ name }) => name)).toEqual(["update"]);
      const { quantum, noiseVariance = 0 } = entry(asked, 0);
      expect(Math.sqrt(privacy.sharers * noiseVariance) * quantum).toBeCloseTo(0.8 * 0.3, 10);
    }
  });

  it("gives the update the noise that the count of clipped updates leaves to it", () => {
    const { steps, sum } = recorded();
    const clip = { norm: 0.3, adaptive: { countDeviation: 0.5 } };
    train([madeRows(30, 4, 3)], { terms: { privacy, weighting, clip, rounds: 1 }, sum });
    const asked = steps.flat().flatMap(({ parts }) => parts);
    const deviations = asked.map(({ quantum, noiseVariance = 0 }) => {
      return Math.sqrt(privacy.sharers * noiseVariance) * quantum;
    });
    expect(asked.map(({ name, l2 }) => [name, l2])).toEqual([
      ["update", 0.3],
      ["within clip", 0.5],
    ]);
    // 0.8^-2 = (update / 0.3)^-2 + (2 * 0.5)^-2, so the update's is 0.3 / sqrt(1.5625 - 1) = 0.4.
    expect(deviations).toEqual([expect.closeTo(0.4, 10), expect.closeTo(0.5, 10)]);
  });

  it.each([
    ["weights by rows", { privacy, weighting: { by: "rows", mostRows: 10 } }],
    [
      "a count with less noise than all may have",
      { privacy, weighting, clip: { norm: 1, adaptive: { countDeviation: 0.4 } } },
    ],
    ["no noise", { privacy: { ...privacy, noiseMultiplier: 0 }, weighting }],
    ["nobody to share it", { privacy: { ...privacy, sharers: 0 }, weighting }],
  ] as const)("refuses %s", (_, changed) => {
    expect(() => train([madeRows(30, 4, 3)], { terms: changed })).toThrow(RangeError);
  });
});

describe("a clip norm that adapts", () => {
  /** Participants whose updates have unlike norms: the values of each are larger than those of the one before. */
  const parts = Array.from({ length: 9 }, (_, index) => {
    const { values, labels, columns } = madeRows(20, 4, 40 + index);
    return { values: values.map((value) => value * (1 + index)), labels, columns };
  });

  const local = { ...terms.local, optimiser: { name: "sgd", learningRate: 0.001 } } as const;
  const weighting = { by: "participant" } as const;

  function norms(quantile: number, start: number, rounds: number): number[] {
    const clip = { norm: start, adaptive: { quantile, rate: 1 } };
    const results = train(parts, { terms: { rounds, clip, local, weighting } });
    return entry(results, 0).rounds.map(({ clipNorm }) => clipNorm);
  }

  it.each([0.3, 0.8])("comes from above and from below to the %d quantile of the updates' norms", (quantile) => {
    const { steps, sum } = recorded();
    train(parts, { terms: { rounds: 1, local, weighting }, sum });
    const found = entry(steps, 0).map(({ parts: asked }) => normOf(entry(asked, 0).values));
    const wanted = entry(
      found.toSorted((a, b) => a - b),
      Math.floor(quantile * found.length),
    );
    for (const start of [20 * wanted, wanted / 20]) {
      const last = norms(quantile, start, 40).at(-1) ?? 0;
      expect(last / wanted).toBeGreaterThan(0.6);
      expect(last / wanted).toBeLessThan(1.6);
    }
  });

  it("changes by exp(-rate (share - quantile)) a round", () => {
    const [first = 0, second = 0] = norms(0.3, 10, 2);
    expect(first).toBe(10);
    expect(second).toBeCloseTo(10 * Math.exp(-0.7), 12);
  });
});

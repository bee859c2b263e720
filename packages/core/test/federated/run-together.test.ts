import { describe, expect, it } from "vitest";
import type { Procedure, Step } from "../../src/federated/procedure.js";
import { inGroups, plainSum, roundedSum, runTogether } from "../../src/federated/run-together.js";
import { seededUniform } from "../../src/federated/training/seeded.js";

const part = { name: "values", quantum: 0.5, limit: 8 };

function step(values: readonly number[], changed: Partial<Step["parts"][number]> = {}): Step {
  return { name: "step", parts: [{ ...part, values: Float64Array.from(values), ...changed }] };
}

function* asking(...steps: readonly Step[]): Procedure<number[]> {
  const seen: number[] = [];
  for (const asked of steps) {
    const groups = yield asked;
    seen.push(...groups.flatMap(({ parts }) => parts.flatMap((sum) => [...sum])));
  }
  return seen;
}

describe("running procedures together", () => {
  it("gives each the sums of what all asked for, step by step", () => {
    const results = runTogether([asking(step([1, 2]), step([5])), asking(step([10, 20]), step([50]))], plainSum);
    expect(results).toEqual([
      [11, 22, 55],
      [11, 22, 55],
    ]);
  });

  it.each([
    ["a name", { name: "other" }],
    ["a length", { values: Float64Array.of(1, 2, 3) }],
    ["a quantum", { quantum: 0.25 }],
    ["a limit", { limit: 9 }],
    ["a norm", { l2: 1 }],
    ["a noise", { noiseVariance: 2 }],
  ])("refuses to add what differs in %s", (_, changed) => {
    expect(() => runTogether([asking(step([1, 2])), asking(step([1, 2], changed))], plainSum)).toThrow(TypeError);
  });

  it("refuses to go on where one has ended and another has not", () => {
    expect(() => runTogether([asking(step([1])), asking(step([1]), step([2]))], plainSum)).toThrow("have ended");
  });

  it("adds in groups, the last of what is left", () => {
    const sums = inGroups(2, plainSum)([[1], [20], [300], [4000], [50000]].map((values) => step(values)));
    expect(sums).toEqual([
      { participants: 2, parts: [Float64Array.of(21)] },
      { participants: 2, parts: [Float64Array.of(4300)] },
      { participants: 1, parts: [Float64Array.of(50000)] },
    ]);
  });

  it("rounds to quanta so that means are kept, and cuts to the limit", () => {
    const sum = roundedSum(seededUniform(4));
    const found = Array.from({ length: 3000 }, () => sum([step([0.6, -0.9, 100])])[0]?.parts[0] ?? []);
    expect(new Set(found.map(([first]) => first))).toEqual(new Set([0.5, 1]));
    expect(new Set(found.map(([, second]) => second))).toEqual(new Set([-0.5, -1]));
    expect(new Set(found.map(([, , third]) => third))).toEqual(new Set([8]));
    expect(found.reduce((total, [first = 0]) => total + first, 0) / 3000).toBeCloseTo(0.6, 1);
    expect(found.reduce((total, [, second = 0]) => total + second, 0) / 3000).toBeCloseTo(-0.9, 1);
  });
});

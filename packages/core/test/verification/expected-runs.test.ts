import { describe, expect, it } from "vitest";
import { expectedRuns, type Requirements, verificationRules } from "../../src/index.js";

const plain: Requirements = {
  engine: "js",
  memoryBytes: 2 ** 28,
  timeLimitMs: 1_000,
  outputBytes: 1_024,
  deterministic: true,
};
const runs = (verification?: Requirements["verification"]) =>
  expectedRuns({ ...plain, ...(verification && { verification }) });

describe("what a task's verification costs its requester at the least and at the most", () => {
  it("is one run where nobody checks, and a tenth more where some are checked", () => {
    expect(runs()).toEqual({ likely: 1, most: 1 });
    expect(runs({ policy: "spot" })).toEqual({ likely: 1.1, most: verificationRules.mostRuns });
    expect(runs({ policy: "quorum", agreeing: 5 })).toEqual({ likely: 1.1, most: verificationRules.mostRuns });
  });

  it("is as many runs as are judged together, and one where nobody else runs the task", () => {
    const tolerance = { billionths: 1_000 };
    expect(runs({ policy: "judged", runs: 3, tolerance })).toEqual({ likely: 3, most: 3 });
    expect(runs({ policy: "exact-product" })).toEqual({ likely: 1, most: 1 });
    expect(runs({ policy: "attested", measurements: [new Uint8Array(48)] })).toEqual({ likely: 1, most: 1 });
  });

  it("is as many runs as operators must agree, where every task is checked", () => {
    expect(runs({ policy: "quorum", agreeing: 5, always: true }).likely).toBe(5);
  });
});

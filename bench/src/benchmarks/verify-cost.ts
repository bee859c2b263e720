import type { Benchmark } from "../benchmark.js";
import { checkCosts } from "../checks/check-costs.js";

/** What it takes to be sure of a result. */
export const verifyCost: Benchmark = {
  name: "verify-cost",
  summary: "processor time that quorum(2) adds to a task in the pool, all tasks and a twentieth of them run twice",
  async run({ long, say }) {
    say("checks in the pool");
    const checks = await checkCosts({ long, say });
    return {
      figures: [
        { name: "checkMs", value: checks.perTask, unit: "ms", atMost: 0.2 },
        { name: "spotCheckMs", value: checks.perSpotTask, unit: "ms" },
        { name: "msPerTaskRunAgain", value: checks.perCheck, unit: "ms" },
        { name: "runAgain", value: checks.checkedPart, unit: "ratio" },
      ],
      baseline: { uncheckedTaskMs: checks.unchecked },
    };
  },
};

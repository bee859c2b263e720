import type { Benchmark } from "../benchmark.js";
import { offlineCosts } from "../certificates/offline.js";
import { onChainCosts } from "../certificates/on-chain.js";
import { checkCosts } from "../checks/check-costs.js";

const rounds = { short: 20, long: 200 } as const;

/** What it takes to be sure of a result. */
export const verifyCost: Benchmark = {
  name: "verify-cost",
  summary:
    "what quorum(2) adds to a task in the pool; a certificate of three offline against viem's verifyTypedData, on chain against a loop of OpenZeppelin's",
  async run({ long, say }) {
    say("certificates offline");
    const offline = await offlineCosts(long ? rounds.long : rounds.short);
    say("certificates on a local chain");
    const onChain = await onChainCosts();
    say("checks in the pool");
    const checks = await checkCosts({ long, say });
    return {
      figures: [
        { name: "checkMs", value: checks.perTask, unit: "ms", atMost: 0.2 },
        { name: "spotCheckMs", value: checks.perSpotTask, unit: "ms" },
        { name: "msPerTaskRunAgain", value: checks.perCheck, unit: "ms" },
        { name: "runAgain", value: checks.checkedPart, unit: "ratio" },
        { name: "certificateMs", value: offline.known, unit: "ms", atMost: 2 },
        { name: "certificateOfStrangersMs", value: offline.strangers, unit: "ms" },
        { name: "certificateGas", value: onChain.verify, unit: "gas", atMost: 40_000 },
        { name: "certificateTransactionGas", value: onChain.transaction, unit: "gas" },
      ],
      baseline: { viemMs: offline.viem, plainLoopGas: onChain.plainLoop, uncheckedTaskMs: checks.unchecked },
    };
  },
};

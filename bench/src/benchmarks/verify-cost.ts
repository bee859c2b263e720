import type { Benchmark } from "../benchmark.js";
import { offlineCosts } from "../certificates/offline.js";
import { onChainCosts } from "../certificates/on-chain.js";

const rounds = { short: 20, long: 200 } as const;

/** What it takes to be sure of a result. */
export const verifyCost: Benchmark = {
  name: "verify-cost",
  summary: "a certificate of three: offline against viem's verifyTypedData, on chain against a loop of OpenZeppelin's",
  async run({ long, say }) {
    say("certificates offline");
    const offline = await offlineCosts(long ? rounds.long : rounds.short);
    say("certificates on a local chain");
    const onChain = await onChainCosts();
    return {
      figures: [
        { name: "certificateMs", value: offline.known, unit: "ms", atMost: 2 },
        { name: "certificateOfStrangersMs", value: offline.strangers, unit: "ms" },
        { name: "certificateGas", value: onChain.verify, unit: "gas", atMost: 40_000 },
        { name: "certificateTransactionGas", value: onChain.transaction, unit: "gas" },
      ],
      baseline: { viemMs: offline.viem, plainLoopGas: onChain.plainLoop },
    };
  },
};

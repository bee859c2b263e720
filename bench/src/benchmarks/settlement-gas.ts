import type { Benchmark } from "../benchmark.js";
import { settlementCosts } from "../settlement/on-chain.js";
import { earningsOf, openZeppelinMs, timedTree } from "../settlement/trees.js";

const accounts = 100_000;
/** nAIS that each account earns in the second epoch. */
const earned = 1_234_567_890n;

/** What settling on chain costs, whoever pays for the transaction. */
export const settlementGas: Benchmark = {
  name: "settlement-gas",
  summary:
    "a tree of 100,000 accounts against OpenZeppelin's own; gas of whole transactions on a local chain: roots, claims, deposits, bonds",
  async run({ seed, say }) {
    const earnings = earningsOf(accounts, seed);
    say(`trees of ${accounts} accounts`);
    const first = timedTree(earnings);
    const second = timedTree(earnings.map(({ address, amount }) => ({ address, amount: amount + earned })));
    say("the same tree by OpenZeppelin");
    const openZeppelin = openZeppelinMs(first);
    say("transactions on a local chain");
    const gas = await settlementCosts(first, second);
    return {
      figures: [
        { name: "treeMs", value: Math.min(first.ms, second.ms), unit: "ms" },
        { name: "secondClaimGas", value: gas.secondClaim, unit: "gas", atMost: 100_000 },
        { name: "firstClaimGas", value: gas.firstClaim, unit: "gas", atMost: 100_000 },
        { name: "postGas", value: gas.post, unit: "gas" },
        { name: "depositGas", value: gas.deposit, unit: "gas" },
        { name: "bondGas", value: gas.bond, unit: "gas" },
        { name: "noticeGas", value: gas.notice, unit: "gas" },
        { name: "withdrawGas", value: gas.withdraw, unit: "gas" },
        { name: "slashGas", value: gas.slash, unit: "gas" },
      ],
      baseline: { openZeppelinTreeMs: openZeppelin },
    };
  },
};

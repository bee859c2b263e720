import { tierNames } from "@aegis-pool/core";
import type { PoolServices } from "./index.js";
import { countPairs } from "./market/pairs.js";

/** Has the gauges filled whenever somebody looks at them. */
export function fillGauges({
  market,
  metrics,
  tiers,
  settlement,
}: Pick<PoolServices, "market" | "metrics" | "tiers" | "settlement">): void {
  metrics.tasks((gauge) => {
    const counts = { queued: 0, matched: 0, running: 0 };
    for (const job of market.board.jobs.values()) {
      counts.queued += job.counts.queued;
      counts.matched += job.counts.matched;
      counts.running += job.counts.running;
    }
    for (const [state, count] of Object.entries(counts)) gauge.set({ state }, count);
  });
  metrics.pairs((gauge) => {
    for (const [reason, count] of Object.entries(countPairs(market.board.matching))) gauge.set({ reason }, count);
  });
  metrics.operators((gauge) => {
    const counts = tiers.counts();
    for (const tier of tierNames) gauge.set({ tier }, counts.get(tier) ?? 0);
  });
  metrics.settlement((gauge) => {
    if (!settlement) return;
    const { head = 0, safeBlock = 0, credited, problem } = settlement.status;
    const shown = { head, "safe-block": safeBlock, credited, problem: problem ? 1 : 0 };
    for (const [what, value] of Object.entries(shown)) gauge.set({ what }, value);
  });
}

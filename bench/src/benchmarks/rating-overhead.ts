import { type LentDevice, lentShare, openCores } from "@aegis-pool/agent";
import type { Offer } from "@aegis-pool/core";
import type { Benchmark } from "../benchmark.js";
import { atGreedyPool, atProductionRate, measureCanaries, measureChallenge } from "../rating/overhead.js";
import { median } from "../statistics.js";

const gibibyte = 1024 ** 3;
const most = 0.02;
const dayMs = 24 * 3_600_000;

/**
 * The part of an agent's time that challenges take: what one takes in truth, measured on a real agent that lends half of
 * this machine, times how often production's pool asks for one over a simulated week in which the agent is always idle,
 * and so is never left out; with a round of canaries every day, which are paid like any other task. Then the part that
 * challenges take at a pool that never stops asking.
 */
export const ratingOverhead: Benchmark = {
  name: "rating-overhead",
  summary:
    "part of an idle agent's time that challenges take, over a simulated week, and at a pool that never stops asking",
  async run({ long, say }) {
    const device = await openCores(lentShare({ cpuPercent: 50, memoryBytes: gibibyte }), {});
    try {
      const offer = await offerOf(device);
      const costs = [];
      for (let round = 1; round <= (long ? 9 : 3); round++) {
        costs.push(await measureChallenge(device, offer));
        say(`challenge ${round}: ${Math.round(costs.at(-1)?.ms ?? 0)} ms`);
      }
      const ms = median(costs.map((cost) => cost.ms));
      const cost = costs.find((each) => each.ms === ms);
      if (!cost) throw new Error("no challenge was measured");
      const canaryMs = await measureCanaries(device);
      say(`a round of canaries: ${Math.round(canaryMs)} ms`);
      const days = long ? 70 : 7;
      say(`${days} simulated days`);
      const production = await atProductionRate(cost, offer, days);
      const greedy = { day: await atGreedyPool(cost, offer, 1), all: await atGreedyPool(cost, offer, days) };
      return {
        figures: [
          { name: "overhead", value: production.part + canaryMs / dayMs, unit: "ratio", atMost: most },
          { name: "overheadAtGreedyPool", value: greedy.all.part, unit: "ratio", atMost: most },
          { name: "overheadAtGreedyPoolFirstDay", value: greedy.day.part, unit: "ratio", atMost: most },
        ],
        baseline: { challengeMs: ms, canaryMs, challengesPerDay: production.challenges / days },
      };
    } finally {
      await device.engines.close();
    }
  },
};

async function offerOf(device: LentDevice): Promise<Offer> {
  return {
    class: device.class,
    engines: ["js"],
    slots: device.lent.slots,
    memoryBytes: device.lent.memoryBytesPerSlot,
    speeds: await device.speeds(),
    floorPrice: "0",
    share: "cpu=50%,memory=1GiB",
  };
}

import type { SpeedChallenge } from "@aegis-pool/core";
import { CoreBench } from "../benchmark/core-bench.js";
import { quickSpeeds } from "../benchmark/quick-speeds.js";
import { type Holding, openEnginesFor } from "../lent-engines.js";
import type { LentShare } from "../share/lent-share.js";
import type { LentDevice } from "./device.js";

/** The cores of this machine, or a part of them. @throws {AegisError} `engine-missing` */
export async function openCores(lent: LentShare, holding: Holding): Promise<LentDevice> {
  const engines = await openEnginesFor(lent, holding);
  const withBench = async <T>(cores: number, use: (bench: CoreBench) => Promise<T>): Promise<T> => {
    const bench = await CoreBench.open(engines, cores, lent.memoryBytesPerSlot);
    try {
      return await use(bench);
    } finally {
      await bench.close();
    }
  };
  return {
    class: "cpu",
    lent,
    engines,
    async speeds() {
      const { fp32FlopsPerSecond, memoryBytesPerSecond } = await withBench(lent.slots, quickSpeeds);
      return {
        fp32FlopsPerSecond: Math.round(fp32FlopsPerSecond),
        memoryBytesPerSecond: Math.round(memoryBytesPerSecond),
      };
    },
    canCompute: ({ blocks, size }) => blocks <= lent.slots && 4 * size ** 2 * 4 <= lent.memoryBytesPerSlot,
    compute: (challenge: SpeedChallenge) =>
      withBench(challenge.blocks, async (bench) => (await bench.product(challenge)).commitment),
  };
}

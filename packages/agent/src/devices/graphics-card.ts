import { AegisError, type Offer, type Precision, type Share, type SpeedChallenge, tileShapes } from "@aegis-pool/core";
import type { GpuBench } from "../benchmark/gpu-bench.js";
import { challengeOf } from "../benchmark/gpu-tuning.js";
import { openGpuBench } from "../benchmark/open-gpu-bench.js";
import { type GpuSpeeds, quickGpuSpeeds } from "../benchmark/rate-gpu.js";
import { createEngines, type EnginesOptions } from "../engines/index.js";
import type { Holding } from "../lent-engines.js";
import { dutyCycleSupport } from "../share/index.js";
import { lentShare } from "../share/lent-share.js";
import type { LentDevice } from "./device.js";

/** Bytes of the card's memory that are lent where the owner names none. */
const defaultCardMemory = 4 * 1024 ** 3;

/** What else a card is opened with. */
export interface CardOptions extends Holding, Pick<EnginesOptions, "softwareGpu"> {
  /** Where what suits the card is remembered. */
  readonly folder: string;
}

/** The graphics card, or a part of its time and memory. @throws {AegisError} `bad-argument`, `engine-missing` */
export async function openGraphicsCard(share: Share, options: CardOptions): Promise<LentDevice> {
  const { bubblewrap = "auto", cgroups = "auto", softwareGpu = false, folder } = options;
  const { percent, memoryBytes = defaultCardMemory } = share.gpu ?? { percent: 100 };
  // with one core of its own, for all that runs there: what the card does is what is lent
  const lent = { ...lentShare({ ...share, cpuPercent: 1 }), cpuPercentPerSlot: 100 };
  const gpuLent = { percent, memoryBytes };
  // where nothing can be held, several tasks at once would take a core each, of which none is lent: then there are no parts
  const canHold = dutyCycleSupport().available;
  const held = canHold ? { cpuPercentPerProcess: lent.cpuPercentPerSlot } : {};
  const engines = await createEngines({ bubblewrap, cgroups, softwareGpu, gpuLent, prewarm: 0, ...held });
  const missing = engines.missing.find(({ engine }) => engine === "webgpu");
  if (missing) {
    await engines.close();
    throw noCard(missing);
  }
  const benchOptions = {
    memoryBytes: Math.min(memoryBytes, lent.memoryBytesPerSlot),
    folder,
    ...(softwareGpu && { shapes: tileShapes.slice(0, 1) }), // a processor that plays a card is not worth a search
  };
  const card = new KeptBench(() => openGpuBench(engines, benchOptions));
  return {
    class: "webgpu",
    lent,
    card: canHold ? { thousandths: percent * 10, memoryBytes } : undefined,
    engines,
    async speeds() {
      const speeds = await card.use(quickGpuSpeeds);
      await card.forget(); // and with it the arrays that its memory was measured with
      await card.use(warmUp);
      return rounded(speeds);
    },
    canCompute: ({ blocks, size }) => blocks === 1 && size <= card.largestSize,
    compute: (challenge: SpeedChallenge, precision: Precision) =>
      card.use(async (bench) => (await bench.product(challenge, precision)).commitment),
  };
}

/** A bench that stays open: to open a card and to compile its kernels would cost a good part of each challenge. */
class KeptBench {
  readonly #open: () => Promise<GpuBench>;
  #kept: GpuBench | undefined;
  /** Columns of the largest matrices that there is room for; 0 while it was never open. */
  largestSize = 0;

  constructor(open: () => Promise<GpuBench>) {
    this.#open = open;
  }

  /** After a failure the card is opened anew. */
  async use<T>(work: (bench: GpuBench) => Promise<T>): Promise<T> {
    this.#kept ??= await this.#open();
    this.largestSize = this.#kept.largestSize;
    try {
      return await work(this.#kept);
    } catch (error) {
      await this.forget();
      throw error;
    }
  }

  async forget(): Promise<void> {
    await this.#kept?.close();
    this.#kept = undefined;
  }
}

/** Compiles the kernels. */
async function warmUp(bench: GpuBench): Promise<void> {
  for (const precision of bench.precisions) await bench.product(challengeOf(bench.size, 1), precision);
}

function rounded({ fp32FlopsPerSecond, fp16FlopsPerSecond, memoryBytesPerSecond }: GpuSpeeds): Offer["speeds"] {
  return {
    fp32FlopsPerSecond: Math.round(fp32FlopsPerSecond),
    ...(fp16FlopsPerSecond !== undefined && { fp16FlopsPerSecond: Math.round(fp16FlopsPerSecond) }),
    memoryBytesPerSecond: Math.round(memoryBytesPerSecond),
  };
}

function noCard({ why, howToGet }: { readonly why: string; readonly howToGet: string }): AegisError {
  return new AegisError({
    code: "engine-missing",
    message: `No graphics card can be lent here: ${why}.`,
    next: howToGet,
  });
}

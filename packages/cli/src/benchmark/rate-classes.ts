import {
  type CardBench,
  type CardClass,
  CoreBench,
  type Engines,
  type LentEngines,
  openGpuBench,
  type OpenGpuOptions,
  rateCores,
  rateGpu,
  type RatingProgress,
  VendorBench,
} from "@aegis-pool/agent";
import { AegisError, formatScu } from "@aegis-pool/core";
import { createProgress } from "../terminal/progress.js";
import type { AbsentClass, ClassRating } from "../terminal/ratings.js";

/** How one class's measurement is shown and bounded. */
export interface Show {
  readonly seconds: number;
  readonly json: boolean;
}

/** The cores that are lent. */
export async function rateLentCores(
  engines: Engines,
  { slots, memoryBytesPerSlot, cpuPercentPerSlot: percent }: LentEngines["lent"],
  { seconds, json }: Show,
): Promise<ClassRating> {
  const bench = await CoreBench.open(engines, slots, memoryBytesPerSlot);
  const progress = progressOf("measuring cores", seconds, json);
  const rating = await rateCores(bench, seconds, progress.look);
  progress.end();
  await bench.close();
  const part = percent === 100 ? "" : `${percent}% of `;
  return { class: "cpu", device: `${part}${slots === 1 ? "1 core" : `${slots} cores`}`, ...rating };
}

/** The graphics card with our own kernels, as a pool sees it proven. */
export async function rateWebgpu(engines: Engines, options: OpenGpuOptions, show: Show) {
  const name = engines.offered.find(({ engine }) => engine === "webgpu")?.device ?? "";
  const device = `${options.dutyPercent ?? 100}% of ${name}`;
  return rateCard("webgpu", async () => ({ device, bench: await openGpuBench(engines, options) }), show);
}

/** The graphics card with its maker's own libraries: measured where they find one, never guessed from a card's name. */
export async function openVendor(dutyPercent: number): Promise<VendorBench | AbsentClass> {
  try {
    return await VendorBench.open({ dutyPercent });
  } catch (error) {
    return absent("cuda", error);
  }
}

/** @param bench is closed */
export async function rateByVendor(bench: VendorBench, dutyPercent: number, show: Show) {
  const { name, backend, version } = bench.device;
  const device = `${dutyPercent}% of ${name} by ${version}, ${backend}`;
  return rateCard("cuda", () => Promise.resolve({ device, bench }), show);
}

async function rateCard(
  ratingClass: CardClass,
  open: () => Promise<{ device: string; bench: CardBench & { close(): Promise<void> } }>,
  { seconds, json }: Show,
): Promise<ClassRating | AbsentClass> {
  const progress = progressOf(`measuring the graphics card (${ratingClass})`, seconds, json);
  try {
    const { device, bench } = await open();
    try {
      return { class: ratingClass, device, ...(await rateGpu(ratingClass, bench, seconds, progress.look)) };
    } finally {
      await bench.close();
    }
  } catch (error) {
    return absent(ratingClass, error);
  } finally {
    progress.end();
  }
}

/** A card that gives no result is absent, with the reason; what else there is is measured all the same. */
function absent(ratingClass: CardClass, error: unknown): AbsentClass {
  if (!(error instanceof AegisError)) throw error;
  return { class: ratingClass, why: error.message.replace(/\.$/, ""), howToGet: error.next.replace(/\.$/, "") };
}

export function isRating(outcome: ClassRating | AbsentClass): outcome is ClassRating {
  return "components" in outcome;
}

function progressOf(label: string, ofSeconds: number, json: boolean) {
  const progress = createProgress(label, json);
  const look = ({ seconds, scu }: RatingProgress): void =>
    progress.update(Math.round(seconds), Math.round(ofSeconds), formatScu(scu));
  return { look, end: () => progress.end() };
}

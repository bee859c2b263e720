import {
  CoreBench,
  createEngines,
  type Engines,
  type LentEngines,
  lentShare,
  openGpuBench,
  type OpenGpuOptions,
  openLentEngines,
  rateCores,
  rateGpu,
  type RatingProgress,
} from "@aegis-pool/agent";
import { AegisError, formatBytes, formatScu, parseShare } from "@aegis-pool/core";
import type { Command } from "commander";
import { agentFolder } from "../home.js";
import { bold, createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { type AbsentClass, type ClassRating, ratingsText } from "../terminal/ratings.js";
import { parseWhole } from "./shared-options.js";

type Lent = LentEngines["lent"];

interface BenchmarkFlags {
  readonly share: string;
  readonly seconds: string;
  readonly state?: string;
  readonly bubblewrap: boolean;
  readonly json?: boolean;
}

export function addBenchmarkCommand(program: Command): void {
  program
    .command("benchmark")
    .description("Measure what this machine, or the part of it that you would lend, is worth in SCU")
    .option("--share <parts>", "what to lend", "cpu=100%")
    .option("--seconds <number>", "stop after this time, even if the figures still vary", "45")
    .option("--state <folder>", "where what suits a graphics card is kept (default: agent in AEGIS_HOME)")
    .option("--no-bubblewrap", "do without the second wall around sandboxes")
    .option("--json", "as JSON")
    .addHelpText("after", '\nExample:\n  $ aegis benchmark --share "cpu=50%,memory=2GiB"')
    .action(benchmark);
}

async function benchmark(flags: BenchmarkFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const seconds = parseWhole("--seconds", flags.seconds, 1, 600);
  const { lent, engines, lendsCores, gpuPercent } = await openLent(flags);
  try {
    const missing = engines.missing.filter((each) => each.engine === "webgpu");
    const classes = (lendsCores ? 1 : 0) + (missing.length > 0 ? 0 : 1);
    const show = { seconds: seconds / Math.max(1, classes), json: output.json };
    const cores = lendsCores ? [await rateLentCores(engines, lent, show)] : [];
    const options = { memoryBytes: lent.slots * lent.memoryBytesPerSlot, folder: flags.state ?? agentFolder() };
    const card = missing.length > 0 ? [] : [await rateCard(engines, { ...options, dutyPercent: gpuPercent }, show)];
    const ratings = [...cores, ...card.filter(isRating)];
    const absent = [
      ...missing.map(({ why, howToGet }): AbsentClass => ({ class: "webgpu", why, howToGet })),
      ...card.filter((outcome): outcome is AbsentClass => !isRating(outcome)),
      cuda,
    ];
    const text = [
      `${bold("Lent")} ${flags.share} (${formatBytes(options.memoryBytes)} of memory)`,
      ratingsText(ratings, absent),
      "",
      "A pool counts what it sees proven: aegis agent --pool URL",
    ];
    output.result({ share: flags.share, lent, classes: ratings, absent }, text.join("\n"));
  } finally {
    await engines.close();
  }
}

/** What is lent: cores, unless only the graphics card is, and of the card all that no share is named of. */
async function openLent({ share: text, bubblewrap }: BenchmarkFlags) {
  const walls = { bubblewrap: bubblewrap ? "auto" : "off" } as const;
  const share = parseShare(text);
  if (typeof share === "string") return { ...(await openLentEngines(text, walls)), lendsCores: true, gpuPercent: 100 };
  const gpuPercent = share.gpu?.percent ?? 100;
  if (share.cpuPercent > 0) return { ...(await openLentEngines(text, walls)), lendsCores: true, gpuPercent };
  const lent = lentShare({ ...share, cpuPercent: 100 });
  return { lent, engines: await createEngines({ ...walls, prewarm: 0 }), lendsCores: false, gpuPercent };
}

/** Measured where it can be run, never guessed from a card's name. */
const cuda: AbsentClass = {
  class: "cuda",
  why: "it is measured in a container, and this version runs none",
  howToGet: "lend the card to webgpu programs meanwhile",
};

/** How one class's measurement is shown and bounded. */
interface Show {
  readonly seconds: number;
  readonly json: boolean;
}

async function rateLentCores(engines: Engines, lent: Lent, { seconds, json }: Show): Promise<ClassRating> {
  const bench = await CoreBench.open(engines, lent.slots, lent.memoryBytesPerSlot);
  const progress = progressOf("measuring cores", seconds, json);
  const rating = await rateCores(bench, seconds, progress.look);
  progress.end();
  await bench.close();
  const { slots, cpuPercentPerSlot: percent } = lent;
  const part = percent === 100 ? "" : `${percent}% of `;
  return { class: "cpu", device: `${part}${slots === 1 ? "1 core" : `${slots} cores`}`, ...rating };
}

/** A card that gives no result is absent, with the reason; cores have been measured all the same. */
async function rateCard(engines: Engines, options: OpenGpuOptions, show: Show): Promise<ClassRating | AbsentClass> {
  const progress = progressOf("measuring the graphics card", show.seconds, show.json);
  try {
    const bench = await openGpuBench(engines, options);
    const rating = await rateGpu(bench, show.seconds, progress.look);
    await bench.close();
    const name = engines.offered.find(({ engine }) => engine === "webgpu")?.device ?? "";
    return { class: "webgpu", device: `${options.dutyPercent ?? 100}% of ${name}`, ...rating };
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    return { class: "webgpu", why: error.message, howToGet: error.next };
  } finally {
    progress.end();
  }
}

function isRating(outcome: ClassRating | AbsentClass): outcome is ClassRating {
  return "components" in outcome;
}

function progressOf(label: string, ofSeconds: number, json: boolean) {
  const progress = createProgress(label, json);
  const look = ({ seconds, scu }: RatingProgress): void =>
    progress.update(Math.round(seconds), Math.round(ofSeconds), formatScu(scu));
  return { look, end: () => progress.end() };
}

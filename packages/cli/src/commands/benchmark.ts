import {
  CoreBench,
  type Engines,
  type LentEngines,
  openGpuBench,
  openLentEngines,
  rateCores,
  rateGpu,
  type RatingProgress,
} from "@aegis-pool/agent";
import { AegisError, formatBytes, formatScu } from "@aegis-pool/core";
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
  const { lent, engines } = await openLentEngines(flags.share, { bubblewrap: flags.bubblewrap ? "auto" : "off" });
  try {
    const absent = engines.missing.flatMap(({ engine, ...why }) =>
      engine === "webgpu" ? [{ class: engine, ...why }] : [],
    );
    const show = { seconds: absent.length > 0 ? seconds : seconds / 2, json: output.json };
    const cores = await rateLentCores(engines, lent, show);
    const card = absent.length > 0 ? [] : [await rateCard(engines, lent, flags.state ?? agentFolder(), show)];
    const ratings = [cores, ...card.filter(isRating)];
    const without = [...absent, ...card.filter((outcome): outcome is AbsentClass => !isRating(outcome))];
    const { slots, cpuPercentPerSlot, memoryBytesPerSlot } = lent;
    const part = `${slots} × ${cpuPercentPerSlot}% of a core, ${formatBytes(memoryBytesPerSlot)} each`;
    const text = [
      `${bold("Lent")} ${flags.share} (${part})`,
      ratingsText(ratings, without),
      "",
      "A pool counts what it sees proven: aegis agent --pool URL",
    ];
    output.result({ share: flags.share, lent, classes: ratings, absent: without }, text.join("\n"));
  } finally {
    await engines.close();
  }
}

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
  return { class: "cpu", device: lent.slots === 1 ? "1 core" : `${lent.slots} cores`, ...rating };
}

/** A card that gives no result is absent, with the reason; cores have been measured all the same. */
async function rateCard(engines: Engines, lent: Lent, folder: string, show: Show): Promise<ClassRating | AbsentClass> {
  const progress = progressOf("measuring the graphics card", show.seconds, show.json);
  try {
    const bench = await openGpuBench(engines, { memoryBytes: lent.slots * lent.memoryBytesPerSlot, folder });
    const rating = await rateGpu(bench, show.seconds, progress.look);
    await bench.close();
    return { class: "webgpu", device: bench.device.description, ...rating };
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

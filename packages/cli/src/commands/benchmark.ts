import { createEngines, lentShare, openLentEngines, VendorBench } from "@aegis-pool/agent";
import { formatBytes, parseShare } from "@aegis-pool/core";
import type { Command } from "commander";
import { isRating, openVendor, rateByVendor, rateLentCores, rateWebgpu } from "../benchmark/rate-classes.js";
import { agentFolder } from "../home.js";
import { bold, createOutput } from "../terminal/output.js";
import { type AbsentClass, ratingsText } from "../terminal/ratings.js";
import { parseWhole } from "./shared-options.js";

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
    const hasWebgpu = missing.length === 0;
    const vendor = await openVendor(gpuPercent);
    const hasVendor = vendor instanceof VendorBench;
    const classes = [lendsCores, hasWebgpu, hasVendor].filter(Boolean).length;
    const show = { seconds: seconds / Math.max(1, classes), json: output.json };
    const memoryBytes = lent.slots * lent.memoryBytesPerSlot;
    const options = { memoryBytes, folder: flags.state ?? agentFolder(), dutyPercent: gpuPercent };
    const outcomes = [
      ...(lendsCores ? [await rateLentCores(engines, lent, show)] : []),
      ...(hasWebgpu ? [await rateWebgpu(engines, options, show)] : []),
      ...missing.map(({ why, howToGet }): AbsentClass => ({ class: "webgpu", why, howToGet })),
      hasVendor ? await rateByVendor(vendor, gpuPercent, show) : vendor,
    ];
    const ratings = outcomes.filter(isRating);
    const absent = outcomes.filter((outcome): outcome is AbsentClass => !isRating(outcome));
    const text = [
      `${bold("Lent")} ${flags.share} (${formatBytes(memoryBytes)} of memory)`,
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

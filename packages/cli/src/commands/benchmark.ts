import {
  type Component,
  type ComponentName,
  CoreBench,
  type CoreRating,
  openLentEngines,
  rateCores,
} from "@aegis-pool/agent";
import { formatBytes, formatScu, knownDevices, ratingOfDevice } from "@aegis-pool/core";
import type { Command } from "commander";
import { bars } from "../terminal/bars.js";
import { bold, createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { table } from "../terminal/table.js";
import { parseWhole } from "./shared-options.js";

interface BenchmarkFlags {
  readonly share: string;
  readonly seconds: string;
  readonly bubblewrap: boolean;
  readonly json?: boolean;
}

export function addBenchmarkCommand(program: Command): void {
  program
    .command("benchmark")
    .description("Measure what this machine, or the part of it that you would lend, is worth in SCU")
    .option("--share <parts>", "what to lend", "cpu=100%")
    .option("--seconds <number>", "stop after this time, even if the figures still vary", "45")
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
    const bench = await CoreBench.open(engines, lent.slots, lent.memoryBytesPerSlot);
    const progress = createProgress("measuring", output.json);
    const rating = await rateCores(bench, seconds, ({ seconds: done, scu }) =>
      progress.update(Math.round(done), seconds, formatScu(scu)),
    );
    progress.end();
    const { slots, cpuPercentPerSlot, memoryBytesPerSlot } = lent;
    const part = `${slots} × ${cpuPercentPerSlot}% of a core, ${formatBytes(memoryBytesPerSlot)} each`;
    output.result({ share: flags.share, lent, class: "cpu", ...rating }, text(rating, `${flags.share} (${part})`));
  } finally {
    await engines.close();
  }
}

function text(rating: CoreRating, share: string): string {
  const right = "right" as const;
  const columns = [
    { title: "class" },
    { title: "component" },
    { title: "sustained", align: right },
    { title: "burst", align: right },
    { title: "spread", align: right },
    { title: "" },
  ];
  const rows = rating.components.map((component, index) => [
    index === 0 ? "cpu" : "",
    names[component.name],
    amount(component, component.sustained),
    amount(component, component.burst),
    `${(component.spread * 100).toFixed(1)}%`,
    component.name === "fp32" ? "GFLOP/s" : "GB/s",
  ]);
  return [
    `${bold("Lent")} ${share}`,
    table(columns, rows),
    `${bold(formatScu(rating.scu))} of the cpu class, by the sustained figures.`,
    ...(rating.busy ? ["The figures still vary: something else uses this machine. Try again when it is quiet."] : []),
    "",
    "Beside known devices (by data sheet, their best class):",
    bars([{ label: "this machine", value: rating.scu / 1e6 }, ...neighbours()], (scu) => formatScu(scu * 1e6)),
    "",
    "A pool counts what it sees proven: aegis agent --pool URL",
  ].join("\n");
}

const names: Readonly<Record<ComponentName, string>> = {
  fp32: "FP32 matrix product",
  read: "memory read",
  write: "memory write",
  triad: "memory triad",
};

function amount({ name }: Component, value: number): string {
  return (value / 1e9).toFixed(name === "fp32" ? 1 : 2);
}

/** A few that many people know, from small to large. */
const familiar = ["Ryzen 9 7950X", "M3 Max", "RTX 3060", "L4", "RTX 4090", "A100 80GB SXM"];

function neighbours(): { label: string; value: number }[] {
  return familiar.flatMap((name) => {
    const device = knownDevices.find((known) => known.name.endsWith(name));
    return device ? [{ label: device.name, value: ratingOfDevice(device) / 1e6 }] : [];
  });
}

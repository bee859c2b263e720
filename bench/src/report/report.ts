import { loadavg } from "node:os";
import { type Benchmark, type Figure, isWithin, type Measurement, type RunOptions } from "../benchmark.js";
import { rounded } from "../statistics.js";
import { currentCommit, describeMachine } from "./machine.js";

/** What one run of one benchmark says: the object that `--json` prints. */
export interface Report {
  readonly bench: string;
  readonly figures: readonly (Figure & { readonly ok: boolean })[];
  readonly baseline: Measurement["baseline"];
  readonly seconds: number;
  readonly commit: string;
  readonly machine: string;
  /** Mean number of other runnable processes in the minute before: above a fraction of the cores the figures are too low. */
  readonly loadBefore: number;
}

/** Runs `benchmark` and says what it measured. */
export async function reportOn(benchmark: Benchmark, options: RunOptions): Promise<Report> {
  const loadBefore = rounded(loadavg()[0] ?? 0);
  const started = performance.now();
  const { figures, baseline } = await benchmark.run(options);
  return {
    bench: benchmark.name,
    figures: figures.map((figure) => ({ ...figure, value: rounded(figure.value), ok: isWithin(figure) })),
    baseline: Object.fromEntries(Object.entries(baseline).map(([name, value]) => [name, rounded(value)])),
    seconds: Math.round((performance.now() - started) / 1_000),
    commit: currentCommit(),
    machine: describeMachine(),
    loadBefore,
  };
}

/** The report as a table for people. */
export function toTable(report: Report): string {
  const rows = report.figures.map((figure) => [
    figure.name,
    `${figure.value} ${figure.unit}`,
    boundOf(figure),
    figure.ok ? "" : "falls short",
  ]);
  for (const [name, value] of Object.entries(report.baseline)) rows.push([name, String(value), "baseline", ""]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`);
  const foot = `  ${report.seconds} s, commit ${report.commit}, load before ${report.loadBefore}\n  ${report.machine}`;
  return [report.bench, ...lines.map((line) => line.trimEnd()), foot].join("\n");
}

/** What a figure is to reach, in words; empty where nothing is asked. */
export function boundOf({ atMost, atLeast }: Figure): string {
  if (atMost !== undefined && atLeast !== undefined) return `${atLeast} to ${atMost}`;
  if (atMost !== undefined) return `at most ${atMost}`;
  return atLeast === undefined ? "" : `at least ${atLeast}`;
}

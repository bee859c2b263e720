import { join } from "node:path";
import { formatAis } from "@aegis-pool/core";
import { Pool } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { drawnOn, followJob } from "../jobs/follow.js";
import { endJob, findJob } from "../jobs/job-files.js";
import { createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { showResult } from "./run.js";

interface ReleaseFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function addReleaseCommand(program: Command): void {
  program
    .command("release")
    .description("Answer for a job that was submitted from here: release its keys and collect its results")
    .argument("<job>", "the beginning of its name, see `aegis job list`")
    .option("--out <folder>", "write results and receipts there")
    .option("--json", "one JSON object per result")
    .addHelpText("after", "\nExample:\n  $ aegis release 3fa9 --out results")
    .action(release);
}

async function release(prefix: string, flags: ReleaseFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const { id, title, saved } = await findJob(prefix);
  const pool = await Pool.connect(saved.pool.url, { key: saved.pool.key });
  const progress = createProgress(title, output.json);
  const job = await pool.resume(saved, { resultsFolder: flags.out, ...drawnOn(progress) });
  const summary = await followJob(job, {
    output,
    progress,
    sink: (result) => showResult(output, result, flags.out),
    receipts: flags.out === undefined ? undefined : join(flags.out, "receipts"),
    pool: saved.pool.key,
  });
  await endJob(id);
  output.note(`${summary.tasks - summary.failed} of ${summary.tasks} tasks done for ${formatAis(summary.spent)}.`);
  process.exitCode = summary.exitCode;
}

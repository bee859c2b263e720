import { randomInt } from "node:crypto";
import { formatAis } from "@aegis-pool/core";
import { jsProgram } from "@aegis-pool/sdk";
import { canaries, canaryTerms } from "@aegis-pool/workload-canary";
import type { Command } from "commander";
import { CanaryTable } from "../canary-table.js";
import { exitCodes } from "../exit-codes.js";
import { drawnOn, followJob } from "../jobs/follow.js";
import { createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { addPoolOptions, connectToPay, parseWhole, type PoolFlags } from "./shared-options.js";

interface CanaryFlags extends PoolFlags {
  readonly each: string;
  readonly json?: boolean;
}

export function addCanaryCommand(program: Command): void {
  addPoolOptions(program.command("canary"))
    .description("Submit public programs like any others, so that the pool sees how fast its agents really are")
    .option("--each <number>", "tasks of each kind for each slot of the pool", "4")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis canary --pool http://127.0.0.1:7700")
    .action(canary);
}

async function canary(flags: CanaryFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const each = parseWhole("--each", flags.each, 1, 1_000);
  const pool = await connectToPay(flags);
  const { offers } = await pool.describe();
  const slots = offers.find(({ engine }) => engine === "js")?.slots ?? 1;
  const seen = new CanaryTable();
  let exitCode: number = exitCodes.ok;
  let spent = 0n;
  for (const { kind, source, inputs } of canaries(slots * each, () => randomInt(2 ** 32))) {
    const progress = createProgress(kind.padEnd(8), output.json);
    const job = await pool.map(jsProgram(source), inputs, { ...canaryTerms, ...drawnOn(progress) });
    const summary = await followJob(job, {
      output,
      progress,
      sink: (result) => seen.take(kind, result),
      pool: Buffer.from(pool.client.key).toString("hex"),
    });
    spent += summary.spent;
    exitCode = summary.exitCode;
    if (exitCode !== exitCodes.ok) break;
  }
  const rows = await seen.rows(pool);
  output.result(
    { agents: rows, spent },
    `${seen.text(rows)}\nPaid ${formatAis(spent)}. Who is slower at real work than it has proven counts for less within a minute.`,
  );
  process.exitCode = exitCode;
}

import type { Command } from "commander";
import { runDemo } from "../demo/demo.js";
import { exitCodes } from "../exit-codes.js";
import { createOutput } from "../terminal/output.js";
import { parseWhole } from "./shared-options.js";

interface DemoFlags {
  readonly keep?: boolean;
  readonly limit?: string;
  readonly chain?: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

export function addDemoCommand(program: Command): void {
  program
    .command("demo")
    .description("See it all on this machine: a pool, three agents, a real audit, and one agent killed half-way")
    .option("--keep", "leave the pool and the agents running afterwards")
    .option("--chain", "settle on a chain of this machine's own: pay in, post an epoch's root, claim")
    .option("--limit <number>", "audit only the first so many contracts")
    .option(
      "--data <file>",
      "let the lenders of the last scene train on this file (German or Taiwan credit data of UCI, CSV)",
    )
    .option("--json", "the outcome as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis demo --keep")
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<void> {
  const limit = flags.limit === undefined ? undefined : parseWhole("--limit", flags.limit, 1, 10_000);
  const outcome = await runDemo(createOutput(flags.json === true), {
    keep: flags.keep === true,
    limit,
    chain: flags.chain === true,
    data: flags.data,
  });
  if (outcome.audited < outcome.contracts) process.exitCode = exitCodes.failed;
}

import { writeFile } from "node:fs/promises";
import { AegisError } from "@aegis-pool/core";
import { Account, type Earning, listEpochs, PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { csvOf, csvTitles, earningsTable, lineOf } from "../earnings/lines.js";
import { availableTable } from "../earnings/available.js";
import { checksTable } from "../earnings/checks.js";
import { explainTask } from "../earnings/why.js";
import { exitCodes } from "../exit-codes.js";
import { operatorKeyFile } from "../home.js";
import { readKeyFile } from "../key-file.js";
import { createOutput } from "../terminal/output.js";
import { addEstimateCommand } from "./earnings-estimate.js";
import { addPoolOptions, parseWhole, type PoolFlags } from "./shared-options.js";

interface EarningsFlags extends PoolFlags {
  readonly operatorKey?: string;
  readonly json?: boolean;
}

interface ListFlags extends EarningsFlags {
  readonly agent?: string;
  readonly since?: string;
  readonly csv?: string;
}

export function addEarningsCommand(program: Command): void {
  const earnings = program.command("earnings").description("What your machines have earned, and why not more");
  addEarningsOptions(earnings.command("list", { isDefault: true }))
    .description("Task by task, with the sum; each receipt is verified (what `aegis earnings` does)")
    .option("--agent <hex>", "only this agent, by the beginning of its key")
    .option("--since <date>", "only what was settled since, such as 2026-11-01")
    .option("--csv <file>", "write CSV to this file (-: to the output)")
    .addHelpText("after", "\nExample:\n  $ aegis earnings list --since 2026-11-01")
    .action(list);
  addEarningsOptions(earnings.command("why"))
    .description("Why a task was paid, or not")
    .argument("<number>", "the task's number")
    .addHelpText("after", "\nExample:\n  $ aegis earnings why 123456789")
    .action(why);
  addEarningsOptions(earnings.command("checks"))
    .description("What other operators' runs have shown of your agents' results, the newest first")
    .addHelpText("after", "\nExample:\n  $ aegis earnings checks")
    .action(checks);
  addEarningsOptions(earnings.command("available"))
    .description("What your agents' availability counts for in an epoch, and why not more")
    .option("--epoch <number>", "another epoch than the one that runs")
    .addHelpText("after", "\nExample:\n  $ aegis earnings available")
    .action(available);
  addEstimateCommand(earnings);
}

function addEarningsOptions(command: Command): Command {
  return addPoolOptions(command)
    .option("--operator-key <file>", "the operator's key (default: the one that this machine's agents have)")
    .option("--json", "as JSON");
}

async function list(flags: ListFlags): Promise<void> {
  const since = flags.since === undefined ? 0 : parseDate(flags.since);
  const account = await openOperator(flags);
  const chosen: Earning[] = [];
  for await (const earning of account.earnings()) if (isChosen(earning, since, flags.agent)) chosen.push(earning);
  const output = createOutput(flags.json === true);
  const csv = [csvTitles, ...chosen.map((earning) => csvOf(lineOf(earning)))].join("\r\n");
  if (flags.csv !== undefined && flags.csv !== "-") await writeFile(flags.csv, `${csv}\r\n`);
  const written = flags.csv === undefined ? earningsTable(chosen) : `${chosen.length} tasks written to ${flags.csv}`;
  output.result({ operator: account.id, tasks: chosen.map(lineOf) }, flags.csv === "-" ? csv : written);
  if (chosen.some(({ verified }) => !verified)) process.exitCode = exitCodes.notGenuine;
}

/** What is not genuine is always shown: nobody can say whose it is, or when it was. */
function isChosen({ verified }: Earning, since: number, agent = ""): boolean {
  if (!verified) return true;
  const { receipt } = verified;
  return receipt.issuedAt >= since && Buffer.from(receipt.agent).toString("hex").startsWith(agent.toLowerCase());
}

async function why(text: string, flags: EarningsFlags): Promise<void> {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw badNumber(text);
  const own = await (await openOperator(flags)).ownTask(number);
  const { earning, ...rest } = own;
  createOutput(flags.json === true).result(
    { number, ...rest, ...(earning && { earning: lineOf(earning) }) },
    explainTask(number, own),
  );
  if (earning && !earning.verified) process.exitCode = exitCodes.notGenuine;
}

async function available(flags: EarningsFlags & { readonly epoch?: string }): Promise<void> {
  const account = await openOperator(flags);
  const epoch =
    flags.epoch === undefined ? await epochNow(flags) : parseWhole("--epoch", flags.epoch, 0, Number.MAX_SAFE_INTEGER);
  const attendances = await account.attendances(epoch);
  createOutput(flags.json === true).result(
    { operator: account.id, epoch, attendances },
    availableTable(epoch, attendances),
  );
}

async function epochNow({ pool, poolKey }: PoolFlags): Promise<number> {
  const { epochMs } = await listEpochs(await PoolClient.connect(pool, poolKey));
  return Math.floor(Date.now() / epochMs);
}

async function checks(flags: EarningsFlags): Promise<void> {
  const account = await openOperator(flags);
  const lines = await account.checks();
  createOutput(flags.json === true).result({ operator: account.id, checks: lines }, checksTable(lines));
}

async function openOperator({ pool, poolKey, operatorKey }: EarningsFlags): Promise<Account> {
  const key = await readKeyFile(operatorKey ?? operatorKeyFile());
  const client = await PoolClient.connect(pool, poolKey);
  return new Account(client, key);
}

function parseDate(text: string): number {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new AegisError({
    code: "bad-argument",
    message: `"${text}" is no date.`,
    next: "Give one such as 2026-11-01, or 2026-11-01T12:00Z.",
  });
}

function badNumber(text: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `"${text}" is no task's number.`,
    next: "`aegis earnings` lists the tasks with their numbers.",
  });
}

import { type EngineName, formatAis } from "@aegis-pool/core";
import { importJobSecret, PoolClient } from "@aegis-pool/sdk";
import { Argument, type Command } from "commander";
import { exitCodes } from "../exit-codes.js";
import type { Checked } from "../jobs/check.js";
import { addInputOptions, type InputFlags, readGiven, readInputs } from "../jobs/given.js";
import { findJob, forgetJob, type JobFile, listJobs } from "../jobs/job-files.js";
import { describeDispute } from "../jobs/dispute-texts.js";
import { describeWaiting } from "../jobs/why.js";
import { createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { table } from "../terminal/table.js";
import { connectToPay, parseWhole } from "./shared-options.js";

interface JobFlags {
  readonly json?: boolean;
}

interface WhyFlags extends JobFlags {
  readonly agent?: string;
}

export function addJobCommand(program: Command): void {
  const job = program
    .command("job")
    .description("Look after jobs that were submitted from here and are not finished, and check programs before");
  job
    .command("list")
    .description("Every such job, and those of the last three days whose results can be disputed or certified")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis job list")
    .action(list);
  job
    .command("show")
    .description("How a job stands at its pool")
    .argument("<job>", "the beginning of its name")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis job show 3fa9")
    .action(show);
  job
    .command("why")
    .description("Why a job's tasks wait: what keeps them from each agent")
    .argument("<job>", "the beginning of its name")
    .option("--agent <hex>", "look at this agent, by its key")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis job why 3fa9")
    .action(why);
  addInputOptions(job.command("check"))
    .description("Whether a program gives the same result on every machine: run here, for each input, in three ways")
    .addArgument(new Argument("<engine>", "what the program is for").choices(["js", "wasm"]))
    .argument("<program>", "an ES module (js) or a WASI command (wasm)")
    .option("--json", "one JSON object per input")
    .addHelpText("after", "\nExample:\n  $ aegis job check js square.mjs --input 2 3 4")
    .action(check);
  job
    .command("dispute")
    .description(
      "Doubt a result: operators that have not run the task yet say what it gives, and the loser pays for them",
    )
    .argument("<job>", "the beginning of its name; it ran with --verify")
    .argument("<task>", "which of its inputs, from 0")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ aegis job dispute 3fa9 0\n\nThe pool is shown the task's own key, and can read its input and result. No other task's.",
    )
    .action(dispute);
  job
    .command("cancel")
    .description("Stop every task of a job that has not ended")
    .argument("<job>", "the beginning of its name")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis job cancel 3fa9")
    .action(cancel);
  job
    .command("delete")
    .description("Delete what the pool keeps of a job that is over: sealed results, logs, inputs; receipts stay")
    .argument("<job>", "the beginning of its name")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis job delete 3fa9")
    .action(remove);
}

async function list(flags: JobFlags): Promise<void> {
  const jobs = await listJobs();
  const rows = jobs.map(({ id, title, saved, endedAt }) => [
    id.slice(0, 12),
    title,
    String(saved.tasks.filter(({ of }) => of === undefined).length),
    endedAt === undefined ? "under way" : "ended",
    saved.pool.url,
  ]);
  const text =
    jobs.length === 0
      ? "No unfinished job was submitted from here."
      : table(
          [{ title: "job" }, { title: "what" }, { title: "tasks", align: "right" }, { title: "" }, { title: "pool" }],
          rows,
        );
  const plain = jobs.map(({ id, title, saved }) => ({
    job: id,
    title,
    tasks: saved.tasks.length,
    pool: saved.pool.url,
  }));
  createOutput(flags.json === true).result(plain, text);
}

async function show(prefix: string, flags: JobFlags): Promise<void> {
  const file = await findJob(prefix);
  const { counts, releaserConnected } = await (await clientOf(file)).job(importJobSecret(file.saved.secret).signer);
  const engine = file.saved.engine as EngineName;
  const answered = releaserConnected
    ? "somebody answers for it"
    : `nobody answers for it: aegis release ${file.id.slice(0, 12)}`;
  createOutput(flags.json === true).result(
    { job: file.id, title: file.title, engine, counts, releaserConnected },
    `${file.title} (${file.id.slice(0, 12)}), top price ${formatAis(BigInt(file.saved.maxPrice))} per SCU-second\n  ${Object.entries(
      counts,
    )
      .map(([state, count]) => `${count} ${state}`)
      .join(", ")}\n  ${answered}`,
  );
}

async function why(prefix: string, flags: WhyFlags): Promise<void> {
  const file = await findJob(prefix);
  const waiting = await (await clientOf(file)).whyWaiting(importJobSecret(file.saved.secret).signer, flags.agent);
  createOutput(flags.json === true).result({ job: file.id, waiting }, describeWaiting(waiting));
}

async function dispute(prefix: string, task: string, flags: JobFlags): Promise<void> {
  const index = parseWhole("The task", task, 0, 2 ** 32);
  const { id, saved } = await findJob(prefix);
  const pool = await connectToPay({ pool: saved.pool.url, poolKey: saved.pool.key });
  const { verdict, corrected } = await pool.dispute(saved, index);
  const value = corrected?.ok ? corrected.value : undefined;
  createOutput(flags.json === true).result(
    { job: id, task: index, verdict, value },
    describeDispute(index, verdict, value),
  );
  if (verdict === "wrong" || verdict === "contradicted") process.exitCode = exitCodes.notGenuine;
}

async function check(engine: "js" | "wasm", path: string, flags: JobFlags & InputFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const shared = flags.shared === undefined ? undefined : await readGiven(flags.shared);
  const program = { engine, bytes: await readGiven(path) };
  const inputs = await readInputs(flags);
  const progress = createProgress("check", output.json);
  let [index, same] = [0, 0];
  const { checkProgram } = await import("../jobs/check.js"); // only this one of the job's commands runs programs itself
  for await (const checked of checkProgram(program, inputs, shared)) {
    const { verdict, fuel } = checked;
    progress.update(index + 1, inputs.length, verdict);
    if (output.json || verdict !== "same") output.result({ index, ...checked }, describeChecked(index, checked));
    else if (fuel) output.note(`Input ${index}: ${fuel.optimised} units of fuel in each of the three runs.`);
    index++;
    if (verdict === "same") same++;
  }
  progress.end();
  const all = same === inputs.length;
  output.note(
    `${same} of ${inputs.length} inputs give the same result each time${all ? "." : ": a replica elsewhere would not agree."}`,
  );
  process.exitCode = all ? exitCodes.ok : exitCodes.failed;
}

function describeChecked(index: number, { results, fuel }: Checked): string {
  const used = (run: string): string =>
    fuel ? ` (fuel: ${Object.entries(fuel).find(([name]) => name === run)?.[1]})` : "";
  const rows = Object.entries(results).map(([run, result]) => `  ${run.padEnd(16)} ${result}${used(run)}`);
  return [`Input ${index}:`, ...rows].join("\n");
}

async function cancel(prefix: string, flags: JobFlags): Promise<void> {
  const file = await findJob(prefix);
  const { counts } = await (await clientOf(file)).cancel(importJobSecret(file.saved.secret).signer);
  await forgetJob(file.id);
  createOutput(flags.json === true).result(
    { job: file.id, counts },
    `${file.title}: cancelled; ${counts.completed} tasks had completed.`,
  );
}

async function remove(prefix: string, flags: JobFlags): Promise<void> {
  const file = await findJob(prefix);
  const deleted = await (await clientOf(file)).deleteJob(importJobSecret(file.saved.secret).signer);
  await forgetJob(file.id);
  createOutput(flags.json === true).result(
    { job: file.id, deleted },
    `${file.title}: what was sealed for ${deleted} tasks is deleted; blobs go within a day or two.`,
  );
}

function clientOf({ saved }: JobFile): Promise<PoolClient> {
  return PoolClient.connect(saved.pool.url, saved.pool.key);
}

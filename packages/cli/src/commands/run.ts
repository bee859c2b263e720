import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type EngineName, engineNames, formatAis, type QuorumCertificate } from "@aegis-pool/core";
import { asDiskError } from "@aegis-pool/platform";
import { type Estimate, LocalFile, type Program, saveQuorum, type TaskResult } from "@aegis-pool/sdk";
import { Argument, type Command } from "commander";
import { formatDuration } from "../durations.js";
import { CheckedResults } from "../jobs/checked.js";
import { drawnOn, followJob } from "../jobs/follow.js";
import { addInputOptions, type InputFlags, readGiven, readInputs } from "../jobs/given.js";
import { endJob, saveJob } from "../jobs/job-files.js";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { addJobOptions, connectToPay, type JobFlags, toJobOptions } from "./shared-options.js";

interface RunFlags extends JobFlags, InputFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function addRunCommand(program: Command): void {
  addInputOptions(addJobOptions(program.command("run")))
    .description("Run a program on a pool, once for each input")
    .addArgument(new Argument("<engine>", "what the program is for").choices(engineNames))
    .argument("<program>", "an ES module (js, webgpu), a WASI command (wasm) or a model (onnx)")
    .option("--out <folder>", "write results and receipts there")
    .option("--json", "one JSON object per result")
    .addHelpText(
      "after",
      '\nExample:\n  $ echo "export default (n) => n * n" > square.mjs\n  $ aegis run js square.mjs --input 2 3 4',
    )
    .action(runJob);
}

async function runJob(engine: EngineName, path: string, flags: RunFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const program: Program = { engine, bytes: await readGiven(path) };
  const inputs = await readInputs(flags);
  const shared = flags.shared === undefined ? undefined : new LocalFile(flags.shared);
  const options = { ...toJobOptions(flags), shared, resultsFolder: flags.out };
  const pool = await connectToPay(flags);
  announce(output, await pool.estimate(program, inputs.length, 1, options), inputs.length);
  const title = `${engine} ${basename(path)}`;
  const progress = createProgress(basename(path), output.json);
  const checked = new CheckedResults(output, flags.verify);
  const job = await pool.map(program, inputs, {
    ...options,
    ...drawnOn(progress),
    ...checked.listener,
    onSaved: (saved) => saveJob(title, saved),
  });
  const { out } = flags;
  const key = Buffer.from(pool.client.key).toString("hex");
  const receipts = out === undefined ? undefined : join(out, "receipts");
  const sink = (result: TaskResult<unknown>) => showResult(output, result, out);
  const summary = await followJob(job, { output, progress, sink, receipts, pool: key });
  const isKept = await endJob(job.id);
  output.note(`${summary.tasks - summary.failed} of ${summary.tasks} tasks done for ${formatAis(summary.spent)}.`);
  checked.sayAll();
  if (isKept) output.note(`For three days: aegis job dispute ${job.id.slice(0, 12)} TASK, where you doubt a result.`);
  process.exitCode = checked.exitCode(summary.exitCode);
}

/** Shows one result, or writes it: bytes as they are, everything else as JSON. */
export async function showResult(output: Output, result: TaskResult<unknown>, out: string | undefined): Promise<void> {
  const { index, log, ranMs, charge, standing, fuel } = result;
  if (!result.ok) {
    const { code, message, next } = result.error;
    output.note(`${message} ${next}${log ? `\n${indent(log)}` : ""}`);
    if (output.json) output.result({ index, error: { code, message, next }, log, fuel }, "");
    return;
  }
  const { value } = result;
  if (value instanceof LocalFile) {
    output.note(`Task ${index}: ${value.path}`);
    if (output.json) output.result({ index, file: value.path, log, ranMs, charge, standing, fuel }, "");
    return;
  }
  const bytes = value instanceof Uint8Array;
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    if (result.certificate) await writeCertificate(out, index, result.certificate);
    const path = join(out, `${index}.${bytes ? "bin" : "json"}`);
    await writeFile(path, bytes ? value : JSON.stringify(value)).catch((error: unknown) => {
      throw asDiskError(error, path);
    });
    output.note(`Task ${index}: ${path}`);
  }
  const text = bytes ? Buffer.from(value).toString("utf8").trimEnd() : JSON.stringify(value);
  if (out === undefined || output.json) output.result({ index, value, log, ranMs, charge, standing, fuel }, text);
}

async function writeCertificate(out: string, index: number, certificate: QuorumCertificate): Promise<void> {
  await mkdir(join(out, "certificates"), { recursive: true });
  await saveQuorum(join(out, "certificates", `${index}.json`), certificate);
}

function indent(log: string): string {
  return log.trimEnd().replace(/^/gm, "  | ");
}

function announce(output: Output, { slots, likely, most }: Estimate, tasks: number): void {
  const task = `${tasks} task${tasks === 1 ? "" : "s"}`;
  if (likely === undefined) {
    output.note(`${task}; nobody offers this engine now, so they wait. At most ${formatAis(most)}.`);
  } else {
    const rounds = formatDuration(Math.ceil(tasks / slots) * 1_000);
    output.note(
      `${task} on ${slots} slots: about ${formatAis(likely)} and ${rounds} if each runs 1 s; at most ${formatAis(most)}.`,
    );
  }
}

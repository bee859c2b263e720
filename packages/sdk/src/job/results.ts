import { setTimeout as delay } from "node:timers/promises";
import {
  AegisError,
  allowsOperator,
  bindTo,
  decodeValue,
  openBytes,
  type QuorumCertificate,
  type RunStatement,
  sealedLength,
  type TaskValue,
  equalBytes,
  type ToReleaser,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type JobTerms, worstChargeOf } from "../options.js";
import type { LocalFile } from "../local-file.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { openResultFile } from "./result-file.js";
import { type ReceiptBundle, type VerifiedReceipt, verifyReceipt } from "./receipts.js";
import type { Standing } from "./standings.js";

/** How one task ended. */
export type TaskResult<Output> = TaskEnd & (TaskSuccess<Output> | TaskFailure);

interface TaskEnd {
  /** Which input it answers. */
  readonly index: number;
  readonly number: number;
  /** What the program wrote to its console. */
  readonly log: string;
  /** Absent where no machine ran it. */
  readonly receipt: ReceiptBundle | undefined;
  /** nAIS. */
  readonly charge: bigint;
  /** The agent that ran it, its key in hexadecimal. */
  readonly agent: string | undefined;
  readonly ranMs: number;
  /** How sure it is. */
  readonly standing: Standing;
  /** What a metered run used, counted in its own instructions. */
  readonly fuel?: number;
}

export interface TaskSuccess<Output> {
  readonly ok: true;
  readonly value: Output;
  /** Where certificates are asked for: that of all operators that have signed this result, of which there may be none. */
  readonly certificate?: QuorumCertificate;
}

export interface TaskFailure {
  readonly ok: false;
  readonly error: AegisError;
  /** The agent has signed what shows it wrong: it has committed to another result than it sent, or to a product that is none. */
  readonly isContradicted?: true;
}

export type FinishedMessage = Extract<ToReleaser, { type: "finished" }>;

/** What opening a result needs to know of its task. */
export interface OpenableTask {
  readonly index: number;
  readonly number: number;
  readonly manifestHash: Uint8Array;
  readonly contentKey: Uint8Array;
  /** Is given the result's tagged bytes, as they were opened. */
  readonly onPlain?: ((plaintext: Uint8Array) => void) | undefined;
}

/** What opening a result needs to know of its job. */
export interface ResultJob {
  readonly client: PoolClient;
  readonly terms: JobTerms;
  /** Where results too large for a message go. */
  readonly resultsFolder: string | undefined;
}

/**
 * Verifies and opens what the pool says about a finished task. A pool that swaps, cuts or invents a result is found out
 * here: the statement is the agent's, the bytes are the statement's, and only the task's own key opens them.
 */
export async function openFinished(
  message: FinishedMessage,
  task: OpenableTask,
  job: ResultJob,
): Promise<TaskResult<TaskValue | LocalFile>> {
  const { run, receipt, certificate } = message;
  if (!run || !receipt || !certificate) return neverRan(message, task);
  const bundle = { certificate, run, receipt };
  const verified = verifyReceipt(bundle, job.client.key);
  requireOwn(verified, task, job.terms);
  const { agent, ranMs, outcome, fuel } = verified.run;
  const end = {
    index: task.index,
    number: task.number,
    log: openLog(message.log, task),
    receipt: bundle,
    charge: BigInt(verified.receipt.charge),
    agent: Buffer.from(agent).toString("hex"),
    ranMs,
    standing: "unchecked" as const,
    ...(fuel !== undefined && { fuel }),
  };
  try {
    if (message.reason === "deleted") throw deleted(task.index);
    if (!logIsSigned(message, verified.run)) throw mismatch(task, "has a log that the agent did not sign");
    if (outcome !== "completed") throw taskFailed(outcome, end.log, task.index);
    return { ...end, ok: true, value: await openValue(message.inline, verified.run, task, job) };
  } catch (error) {
    // the receipt stays: it is owed all the same, and evidence where the result is not what was signed
    const isContradicted = error instanceof Contradiction && { isContradicted: true as const };
    return { ...end, ok: false, error: asAegisError(task.index, error), ...isContradicted };
  }
}

/** What a task's run has cost, in nAIS; 0 where its receipt is not genuine, or there is none. */
export function chargeOf({ run, receipt, certificate }: FinishedMessage, task: OpenableTask, job: ResultJob): bigint {
  if (!run || !receipt || !certificate) return 0n;
  try {
    const verified = verifyReceipt({ certificate, run, receipt }, job.client.key);
    requireOwn(verified, task, job.terms);
    return BigInt(verified.receipt.charge);
  } catch {
    return 0n; // whoever opens the result is told why
  }
}

/** Of a failed run the log is the result. */
function logIsSigned({ log }: FinishedMessage, run: RunStatement): boolean {
  const signed = run.outcome === "completed" ? run.log : run.result;
  if (!signed) return log === undefined;
  return equalBytes(primitives.sha256(log ?? new Uint8Array(0)), signed);
}

async function openValue(
  inline: Uint8Array | undefined,
  run: RunStatement,
  task: OpenableTask,
  job: ResultJob,
): Promise<TaskValue | LocalFile> {
  if (inline) return openResult(inline, run, task);
  const { client, terms, resultsFolder: folder } = job;
  const maxBytes = sealedLength(terms.requirements.outputBytes + 1);
  if (folder === undefined) {
    return openResult(await patiently(() => client.download(run.result, maxBytes)), run, task);
  }
  const blob = { hash: run.result, maxBytes, contentKey: task.contentKey, folder, name: String(task.index) };
  return patiently(() => openResultFile(client, blob)).catch((error: unknown) => {
    throw error instanceof RangeError ? mismatch(task, `cannot be opened: ${error.message}`) : error;
  });
}

/** How often a download is tried while no pool answers, and the wait before each, in ms: a pool that restarts is back within it. */
const patience = { attempts: 30, waitMs: 1_000 };

async function patiently<T>(download: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await download();
    } catch (error) {
      const worthwhile = error instanceof AegisError && error.code === "pool-unreachable";
      if (!worthwhile || attempt === patience.attempts) throw error;
      await delay(patience.waitMs);
    }
  }
}

function openResult(sealed: Uint8Array, run: RunStatement, task: OpenableTask): TaskValue {
  if (!equalBytes(primitives.sha256(sealed), run.result)) throw mismatch(task, "is not the one the agent signed");
  const plaintext = openBytes(sealed, { owner: task.contentKey, purpose: "result" }, primitives);
  if (!plaintext) throw mismatch(task, "is not sealed with the task's key", run.check && Contradiction);
  if (run.check && !isCommitted(plaintext, run, task))
    throw mismatch(task, "is not the one that its agent has committed to", Contradiction);
  task.onPlain?.(plaintext);
  return decodeValue(plaintext, primitives.text);
}

/** An agent's own signature shows that it is wrong. */
class Contradiction extends AegisError {}

/** Whether others that agree with an agent agree with what it has sent, not only with what it says it has. */
function isCommitted(
  value: Uint8Array,
  { agent, outcome, check }: RunStatement,
  { contentKey }: OpenableTask,
): boolean {
  const { commitment } = bindTo({ outcome, value }, { agent, content: contentKey }, primitives);
  return check !== undefined && equalBytes(commitment, check.commitment);
}

/** The statement must be about this very task, and cost no more than was agreed. */
function requireOwn({ run, receipt, operator }: VerifiedReceipt, task: OpenableTask, terms: JobTerms) {
  const own = run.number === task.number && equalBytes(run.manifest, task.manifestHash);
  if (!own) throw mismatch(task, "belongs to another task");
  if (!allowsOperator(terms.requirements, operator)) throw mismatch(task, "comes from an operator that was excluded");
  if (BigInt(receipt.charge) > worstChargeOf(terms)) throw mismatch(task, "costs more than the task's own bound");
}

function openLog(sealed: Uint8Array | undefined, task: OpenableTask): string {
  const plaintext = sealed && openBytes(sealed, { owner: task.contentKey, purpose: "log" }, primitives);
  return plaintext ? primitives.text.decode(plaintext) : "";
}

function neverRan({ reason = "unknown" }: FinishedMessage, task: OpenableTask): TaskResult<TaskValue> {
  const error = new AegisError({
    code: "task-failed",
    message: `Task ${task.index} was given up: ${reason}.`,
    next: "Submit it again; if that happens often, ask for less memory or time, or raise the price.",
  });
  return failedResult(task, error);
}

/** The result of a task that gave none. An unexpected error is passed on, as the cause of one of ours. */
export function failedResult<Output>(
  { index, number }: { readonly index: number; readonly number: number },
  cause: unknown,
): TaskResult<Output> {
  const error = asAegisError(index, cause);
  const nothing = { log: "", receipt: undefined, charge: 0n, agent: undefined, ranMs: 0 };
  return { index, number, ...nothing, standing: "unchecked", ok: false, error };
}

function asAegisError(index: number, cause: unknown): AegisError {
  if (cause instanceof AegisError) return cause;
  return new AegisError({
    code: "result-mismatch",
    message: `The result of task ${index} could not be opened.`,
    next: "Submit the task again.",
    cause,
  });
}

const whatToDo: Readonly<Record<string, string>> = {
  threw: "See the log for the program's own error.",
  "time-limit": "Give it more time (timeLimitMs, --time-limit) or smaller inputs.",
  "memory-limit": "Give it more memory (memory, --memory).",
  "output-limit": "Give it more room (outputBytes) or return less.",
  "program-invalid": "Check that the program is what its engine expects; try it with the same engine here.",
  "fuel-limit": "Give it more fuel (fuel, --fuel; `aegis job check` shows what it uses) or smaller inputs.",
  "input-invalid": "Check that the input is what the program's engine expects.",
};

function taskFailed(outcome: string, log: string, index: number): AegisError {
  const lastLine = log.trimEnd().split("\n").at(-1)?.slice(0, 300);
  return new AegisError({
    code: "task-failed",
    message: `Task ${index} failed: ${outcome}${lastLine ? ` (${lastLine})` : ""}.`,
    next: whatToDo[outcome] ?? "See the log.",
  });
}

function deleted(index: number): AegisError {
  return new AegisError({
    code: "result-deleted",
    message: `The result of task ${index} is no longer at the pool: it was kept for as long as results are, or the job was deleted.`,
    next: "Submit the task again, and collect the results while the pool keeps them.",
  });
}

function mismatch(task: OpenableTask, what: string, Kind: typeof AegisError = AegisError): AegisError {
  return new Kind({
    code: "result-mismatch",
    message: `The result of task ${task.index} ${what}.`,
    next: "Do not use it: the pool or the agent changed something. Submit the task again, excluding that operator.",
  });
}

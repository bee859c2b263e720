import {
  AegisError,
  type ModelTensor,
  mostUpdateBytes,
  readUpdate,
  SafetensorsRefused,
  UpdateRefused,
} from "@aegis-pool/core";
import { readBounded } from "./bounded-file.js";
import { metricsLimits, parseMetrics, type TrainerMetrics } from "./metrics.js";
import { type Ending, runGroup } from "./process-group.js";
import { makeRoundFolder, type RoundFolder, type RoundTerms, type TrainerTask } from "./round-folder.js";

/** A trainer of the participant's own: a program that is run once per round. */
export interface Trainer {
  /** The program and its arguments, from `splitCommand`; run without a shell, in the current folder, as the current user. */
  readonly command: readonly string[];
  /** Where its data is: handed over as `AEGIS_DATA`, never read by us. */
  readonly dataPath?: string | undefined;
  /** For one round, in ms, 1 to 2^31-1. Default: an hour. */
  readonly timeoutMs?: number | undefined;
  /** What it has from SIGTERM to SIGKILL, in ms, 0 to 2^31-1. Default: 5 s. */
  readonly graceMs?: number | undefined;
}

/** What it trains in a round. */
export interface TrainerRound extends RoundTerms {
  readonly model: readonly ModelTensor[];
}

/** What it has trained. */
export interface TrainerResult {
  /** Trained values less the model's, one tensor after another in the order of the model: what is clipped, noised and masked by us. */
  readonly update: Float32Array;
  readonly metrics: TrainerMetrics;
}

const defaults = { timeoutMs: 3_600_000, graceMs: 5_000 };
/** Of a `setTimeout`. */
const mostMs = 2 ** 31 - 1;
/** Beside the values: our reader's longest header and its length field. */
const mostHeaderBytes = 2 ** 20 + 8;

/**
 * Runs a trainer for one round: in a fresh private folder it finds the model and the round's terms, and leaves an update and metrics; their paths
 * are in the variables `AEGIS_MODEL`, `AEGIS_ROUND`, `AEGIS_UPDATE` and `AEGIS_METRICS`. Of the environment all is passed on but our own
 * variables, which may hold keys. Whatever goes wrong, the folder and every process of its group are gone afterwards, and the round can be tried again.
 * @throws {AegisError} `trainer-failed` where it does not start or ends with an error, `trainer-timeout`, `update-refused` where its files are
 * missing, no regular files, too large, malformed, of another model or not finite, `cancelled` by `signal`, `bad-argument`
 */
export async function runTrainer(trainer: Trainer, round: TrainerRound, signal?: AbortSignal): Promise<TrainerResult> {
  return inFolder("train", trainer, round, signal, async (folder) => {
    return { update: await updateOf(folder, round.model), metrics: await metricsOf(folder) };
  });
}

/** As {@link runTrainer}, to have a model measured: an update is not looked at. */
export async function measureByTrainer(
  trainer: Trainer,
  round: TrainerRound,
  signal?: AbortSignal,
): Promise<TrainerMetrics> {
  return inFolder("measure", trainer, round, signal, metricsOf);
}

/** Runs it, and reads what it left before the folder is removed. */
async function inFolder<Result>(
  task: TrainerTask,
  trainer: Trainer,
  round: TrainerRound,
  signal: AbortSignal | undefined,
  read: (folder: RoundFolder) => Promise<Result>,
): Promise<Result> {
  const limits = limitsOf(trainer);
  const folder = await makeRoundFolder(round.model, round, task);
  try {
    const env = environmentFor(folder, trainer.dataPath);
    const ending = await runGroup({ command: trainer.command, env, ...limits, signal }).catch((cause: unknown) => {
      throw notStarted(trainer, cause);
    });
    checkEnding(trainer, ending, limits.timeoutMs);
    return await read(folder);
  } finally {
    await folder.remove();
  }
}

function limitsOf({ timeoutMs = defaults.timeoutMs, graceMs = defaults.graceMs }: Trainer): typeof defaults {
  for (const [name, ms, least] of [
    ["timeoutMs", timeoutMs, 1],
    ["graceMs", graceMs, 0],
  ] as const) {
    if (Number.isSafeInteger(ms) && ms >= least && ms <= mostMs) continue;
    throw new AegisError({
      code: "bad-argument",
      message: `a trainer's ${name} is ${ms}, not an integer from ${least} to ${mostMs}`,
      next: "give a time in milliseconds",
    });
  }
  return { timeoutMs, graceMs };
}

function environmentFor(folder: RoundFolder, dataPath: string | undefined): NodeJS.ProcessEnv {
  const passedOn = Object.entries(process.env).filter(([name]) => !/^AEGIS_/i.test(name));
  return {
    ...Object.fromEntries(passedOn),
    AEGIS_MODEL: folder.model,
    AEGIS_ROUND: folder.round,
    AEGIS_UPDATE: folder.update,
    AEGIS_METRICS: folder.metrics,
    ...(dataPath !== undefined && { AEGIS_DATA: dataPath }),
  };
}

function checkEnding(trainer: Trainer, { code, signal, lastWords, stopped }: Ending, timeoutMs: number): void {
  const saying = lastWords === "" ? "it said nothing" : `it said: ${lastWords}`;
  if (stopped === "interrupted") {
    throw new AegisError({
      code: "cancelled",
      message: `the trainer ${named(trainer)} was ended, as was asked`,
      next: "join the run again to go on: nothing of this round has left the machine",
    });
  }
  if (stopped === "time-limit") {
    throw new AegisError({
      code: "trainer-timeout",
      message: `the trainer ${named(trainer)} was ended after ${timeoutMs / 1_000} s; ${saying}`,
      next: "give it more time or less to do, and try the round again",
    });
  }
  if (code === 0) return;
  throw new AegisError({
    code: "trainer-failed",
    message: `the trainer ${named(trainer)} ended with ${signal ?? `code ${code}`}; ${saying}`,
    next: "cure what it complains of, and try the round again",
  });
}

function notStarted(trainer: Trainer, cause: unknown): AegisError {
  return new AegisError({
    code: "trainer-failed",
    message: `the trainer ${named(trainer)} did not start: ${String(cause)}`,
    next: "run the same command in the same folder by hand",
    cause,
  });
}

async function updateOf(folder: RoundFolder, model: readonly ModelTensor[]): Promise<Float32Array> {
  const file = await readBounded(folder.update, mostUpdateBytes(model, mostHeaderBytes));
  if (typeof file === "string") throw refused("update.safetensors", file);
  try {
    return readUpdate(file, model);
  } catch (error) {
    if (error instanceof SafetensorsRefused || error instanceof UpdateRefused) {
      throw refused("update.safetensors", `${error.message} (${error.reason})`, error);
    }
    throw error;
  }
}

async function metricsOf(folder: RoundFolder): Promise<TrainerMetrics> {
  const file = await readBounded(folder.metrics, metricsLimits.bytes);
  const metrics = typeof file === "string" ? file : parseMetrics(new TextDecoder().decode(file));
  if (typeof metrics === "string") throw refused("metrics.json", metrics);
  return metrics;
}

function refused(file: string, why: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "update-refused",
    message: `the trainer's ${file} is not used: ${why}`,
    next: "cure the trainer, and try the round again: nothing of it has left the machine",
    cause,
  });
}

/** Its command for a message. */
function named({ command }: Trainer): string {
  return JSON.stringify(command.join(" "));
}

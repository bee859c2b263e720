import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ModelTensor, writeModel } from "@aegis-pool/core";

/** What a trainer is told of a round, beside the model. */
export interface RoundTerms {
  /** Counted from 1. */
  readonly round: number;
  /** What the run's terms say to trainers, such as `{"localEpochs": 1}`: passed on as it is. */
  readonly terms: Readonly<Record<string, unknown>>;
}

/** What is wanted: an update and metrics, or metrics of the model as it is. */
export type TrainerTask = "train" | "measure";

/** A private folder of one try of one round: nobody else may list it, and nothing of it stays. */
export interface RoundFolder {
  readonly model: string;
  readonly round: string;
  readonly update: string;
  readonly metrics: string;
  remove(): Promise<void>;
}

/** The version of `round.json`: raised when a trainer of before would misread it. */
const roundVersion = 1;

/** A fresh folder with `model.safetensors` and `round.json`. `mkdtemp` gives it to its owner alone (0700). */
export async function makeRoundFolder(
  model: readonly ModelTensor[],
  { round, terms }: RoundTerms,
  task: TrainerTask,
): Promise<RoundFolder> {
  const path = await mkdtemp(join(tmpdir(), "aegis-round-"));
  const folder = {
    model: join(path, "model.safetensors"),
    round: join(path, "round.json"),
    update: join(path, "update.safetensors"),
    metrics: join(path, "metrics.json"),
    remove: () => rm(path, { recursive: true, force: true }),
  };
  try {
    await writeFile(folder.model, writeModel(model, new Map([["round", `${round}`]])));
    await writeFile(folder.round, `${JSON.stringify({ version: roundVersion, task, round, terms })}\n`);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return folder;
}

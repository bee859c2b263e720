/** Entry of a thread that measures one fold. */
import { parentPort, workerData } from "node:worker_threads";
import { parseCredit, stratifiedFolds } from "@aegis-pool/workload-credit";
import { seededUniform } from "@aegis-pool/core";
import { measureFold } from "./fold.js";
import type { FoldJob } from "./folds.js";
import { settings } from "./settings.js";

const { text, dataset, repetition, fold, kinds, seed } = workerData as FoldJob;
const chosen = settings[dataset]!;
const all = parseCredit(text, chosen.schema);
const folds = stratifiedFolds(all.labels, 5, seededUniform(seed + repetition));
parentPort!.postMessage(
  measureFold({ all, fold: folds[fold]!, settings: chosen, kinds, seed: (seed + 10 * repetition + fold) >>> 0 }),
);

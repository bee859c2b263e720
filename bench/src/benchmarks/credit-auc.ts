import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Benchmark, RunOptions } from "../benchmark.js";
import type { FoldResult } from "../credit/fold.js";
import { type FoldJob, measureFolds } from "../credit/folds.js";
import { type CreditSettings, settings } from "../credit/settings.js";
import { figuresOf } from "../credit/table.js";

const folder = join(process.env.AEGIS_DATA ?? "../shared/data", "credit");

/**
 * Credit scoring by ten lenders, beside training in one place, alone, and under differential privacy: AUC of 5-fold
 * stratified cross-validation on two public files. The baseline is one lender alone, plain FedAvg among uneven lenders,
 * and what others have reached. The smaller file is divided into folds in three ways, since its folds differ by 0.03.
 * Networks are measured on two folds by default and on all with `--long`.
 */
export const creditAuc: Benchmark = {
  name: "credit-auc",
  summary: "AUC of credit scoring: in one place, by ten lenders together, alone, and private",
  async run(options) {
    const jobs = (await Promise.all(settings.map((each, dataset) => jobsOf(each, dataset, options)))).flat();
    if (jobs.length === 0) return { figures: [], baseline: {} };
    options.say(`seed ${options.seed}: repeat with --seed ${options.seed}`);
    const results = await measureFolds(jobs, (job, result) => options.say(lineOf(job, result)));
    const parts = settings.map((each, dataset) =>
      figuresOf(
        each,
        results.filter((_, at) => jobs[at]!.dataset === dataset),
      ),
    );
    return {
      figures: parts.flatMap(({ figures }) => figures),
      baseline: Object.assign({}, ...parts.map(({ baseline }) => baseline)) as Record<string, number>,
    };
  },
};

async function jobsOf(
  { file, schema }: CreditSettings,
  dataset: number,
  { long, seed, say }: RunOptions,
): Promise<FoldJob[]> {
  const text = await readFile(join(folder, file), "utf8").catch(() => undefined);
  if (text === undefined) {
    say(`skipped ${schema.name}: there is no ${file} in ${folder}; set AEGIS_DATA to the folder that holds credit/`);
    return [];
  }
  const repetitions = text.length < 1_000_000 ? [0, 1, 2] : [0];
  return repetitions.flatMap((repetition) =>
    [0, 1, 2, 3, 4].map((fold): FoldJob => {
      const isForNetworks = long || (repetition === 0 && fold < 2);
      return { text, dataset, repetition, fold, kinds: isForNetworks ? ["Lr", "Mlp", "Trees"] : ["Lr", "Trees"], seed };
    }),
  );
}

function lineOf({ dataset, repetition, fold }: FoldJob, result: FoldResult): string {
  const rows = Object.entries(result).map(([row, auc]) => `${row} ${auc.toFixed(3)}`);
  return `${settings[dataset]!.schema.name}, fold ${fold + 1} of division ${repetition + 1}: ${rows.join(", ")}`;
}

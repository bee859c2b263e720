import {
  descendTogether,
  encode,
  initialModel,
  logitsOf,
  noiseMultiplierFor,
  type Procedure,
  publicFeatures,
  rowsOf,
  runTogether,
  seededUniform,
} from "@aegis-pool/core";
import {
  areaUnderCurve,
  dirichletLenders,
  equalLenders,
  type Fold,
  labelledRows,
  type LabelledTable,
  normal,
  type Scorer,
  trainTrees,
  trainWeights,
} from "@aegis-pool/workload-credit";
import { roundedSum } from "./rounded-sum.js";
import {
  averagingTerms,
  commonTerms,
  type CreditSettings,
  epsilons,
  lenders,
  penalty,
  salt,
  sharers,
  weightsTerms,
} from "./settings.js";

/** A kind of model. */
export type Kind = "Lr" | "Mlp" | "Trees";

/** AUC on the fold's test records by row of the table, such as "LrDirichlet". */
export type FoldResult = Readonly<Record<string, number>>;

/** How one fold is measured. */
export interface FoldTask {
  readonly all: LabelledTable;
  readonly fold: Fold;
  readonly settings: CreditSettings;
  readonly kinds: readonly Kind[];
  readonly seed: number;
}

/** Lenders that train alone in each fold, of ten: one tells little. */
const alone = 3;

/**
 * Measures one fold: each kind of model on all records in one place, by ten equal lenders, by ten uneven ones and by
 * single ones; and the logistic regression by FedAvg and in private. All is fitted to training records only,
 * preprocessing too, by the same procedures: in one place there is but one participant.
 */
export function measureFold(task: FoldTask): FoldResult {
  const { fold, all, kinds, seed } = task;
  const labelOf = (place: number) => all.labels[place]!;
  const equal = equalLenders(fold.train, lenders, seededUniform(seed));
  const splits = {
    Central: [fold.train],
    Equal: equal,
    Dirichlet: dirichletLenders(fold.train, labelOf, lenders, 0.5, seededUniform(seed + 1)),
  };
  const result: Record<string, number> = {};
  for (const kind of kinds) {
    for (const [name, split] of Object.entries(splits)) result[kind + name] = together(task, kind, split);
    const singles = equal.slice(0, alone).map((places) => together(task, kind, [places]));
    result[`${kind}Alone`] = singles.reduce((sum, each) => sum + each, 0) / alone;
  }
  result.LrFedAvg = averaged(task, splits.Dirichlet);
  for (const epsilon of epsilons) result[`LrEpsilon${epsilon}`] = privately(task, equal, epsilon);
  return result;
}

/** Who trains together. */
interface Group {
  /** Of all lenders. */
  readonly rows: number;
  readonly lenders: number;
}

/** The AUC of the model that lenders with these records train together. */
function together(task: FoldTask, kind: Kind, split: readonly (readonly number[])[]): number {
  const group = { rows: split.flat().length, lenders: split.length };
  const procedures = split.map((places, lender) => scorerOf(task, kind, chosen(task.all, places), lender, group));
  const [score] = runTogether(procedures, roundedSum(seededUniform(task.seed + 2)));
  return tested(task, score!);
}

function scorerOf(
  { settings, seed }: FoldTask,
  kind: Kind,
  lender: LabelledTable,
  index: number,
  group: Group,
): Procedure<Scorer> {
  const common = commonTerms(group.rows, group.lenders);
  if (kind === "Trees") {
    return trainTrees(
      lender,
      { ...common, mostBins: settings.trees.mostBins },
      { ...common, ...settings.trees.terms, seed },
    );
  }
  const terms = weightsTerms(kind === "Lr" ? settings.logistic : settings.network, common, seed);
  return trainWeights(lender, terms, { uniform: seededUniform(seed + 100 + index) });
}

/** The AUC of a logistic regression by plain FedAvg: what most federated systems do. */
function averaged(task: FoldTask, split: readonly (readonly number[])[]): number {
  const { all, settings, seed } = task;
  const terms = averagingTerms(settings.logistic, commonTerms(split.flat().length, lenders), seed);
  const procedures = split.map((places, lender) =>
    trainWeights(chosen(all, places), terms, { uniform: seededUniform(seed + 100 + lender) }),
  );
  const [score] = runTogether(procedures, roundedSum(seededUniform(seed + 2)));
  return tested(task, score!);
}

/**
 * Logistic regression by descent on noisy sums, private per record (add or remove one): every lender's records are
 * protected from everybody, other lenders and committee included, as long as at most two lenders collude. Features are
 * of public knowledge, so nothing is fitted that would have to be charged. All records are in every step: no secret
 * sampling has to be trusted. The noise here is seeded, so that a run can be repeated.
 */
function privately(task: FoldTask, split: readonly (readonly number[])[], epsilon: number): number {
  const { settings, fold, all, seed } = task;
  const { pieces, steps, clipNorm, learningRate } = settings.descent;
  const map = publicFeatures(settings.schema.columns, pieces, salt);
  const terms = {
    ...{ steps, clipNorm, samplingRate: 1, sharers, mostParticipants: lenders },
    optimiser: { name: "adam", learningRate } as const,
    noiseMultiplier: noiseMultiplierFor({ samplingRate: 1, steps }, { epsilon, delta: settings.delta }),
    rows: fold.train.length,
    mostRows: fold.train.length,
    l2: penalty / fold.train.length,
  };
  const start = initialModel({ widths: [map.width, 1], activation: "relu" }, seededUniform(seed));
  const procedures = split.map((places, lender) => {
    const noise = seededUniform(seed + 1000 * epsilon + lender);
    return descendTogether(labelledRows(map, chosen(all, places)), start, terms, seededUniform(seed + lender), () =>
      normal(noise),
    );
  });
  const [model] = runTogether(procedures, roundedSum(seededUniform(seed + 3)));
  return tested(task, (table) => logitsOf(model!, encode(map, table)));
}

function tested({ all, fold }: FoldTask, score: Scorer): number {
  const { table, labels } = chosen(all, fold.test);
  return areaUnderCurve(score(table), labels);
}

function chosen({ table, labels }: LabelledTable, places: readonly number[]): LabelledTable {
  return { table: rowsOf(table, places), labels: Uint8Array.from(places, (place) => labels[place]!) };
}

import type { Figure, Measurement } from "../benchmark.js";
import type { FoldResult } from "./fold.js";
import type { CreditSettings } from "./settings.js";

/** Bounds of the issue, by data set and row. */
const leastAuc: Readonly<Record<string, number>> = {
  GermanLrCentral: 0.785,
  TaiwanLrCentral: 0.777,
  TaiwanTreesCentral: 0.783,
  TaiwanLrEpsilon3: 0.768,
};
const mostLoss: Readonly<Record<string, number>> = { German: 0.005, Taiwan: 0.003 };

/**
 * Figures of one file: mean AUC of each row over its folds, and what training together costs against training in one
 * place on the same folds.
 */
export function figuresOf({ schema, reference }: CreditSettings, results: readonly FoldResult[]): Measurement {
  const dataset = schema.name;
  const rows = [...new Set(results.flatMap((result) => Object.keys(result)))];
  const means = new Map(rows.map((row) => [row, meanOf(results, row)]));
  const aucs = rows
    .filter((row) => !isBaseline(row))
    .map((row): Figure => ({ ...auc(dataset + row, means.get(row)!), ...atLeast(leastAuc[dataset + row]) }));
  const losses = rows
    .filter((row) => /Equal|Dirichlet/.test(row))
    .map((row): Figure => {
      const central = means.get(row.replace(/Equal|Dirichlet/, "Central"))!;
      return { ...auc(`${dataset}${row}Loss`, central - means.get(row)!), atMost: mostLoss[dataset]! };
    });
  const baseline = rows.filter(isBaseline).map((row) => [camel(dataset + row), means.get(row)!] as const);
  const references = Object.entries(reference).map(
    ([row, value]) => [camel(`${dataset}${row}Reference`), value] as const,
  );
  return { figures: [...aucs, ...losses], baseline: Object.fromEntries([...baseline, ...references]) };
}

/** One lender alone, and FedAvg among uneven lenders. */
function isBaseline(row: string): boolean {
  return row.endsWith("Alone") || row === "LrFedAvg";
}

/** The mean over the folds in which a row was measured. */
function meanOf(results: readonly FoldResult[], row: string): number {
  const values = results.flatMap((result) => result[row] ?? []);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function auc(name: string, value: number): Figure {
  return { name: camel(name), value: Number(value.toFixed(5)), unit: "AUC" };
}

function atLeast(bound: number | undefined): Pick<Figure, "atLeast"> {
  return bound === undefined ? {} : { atLeast: bound };
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

import { type Cell, type Column, seededUniform, tableOf } from "@aegis-pool/core";
import type { LabelledTable } from "./csv.js";
import { normal } from "./lenders.js";

/** What is asked of an invented applicant. */
const columns: readonly Column[] = [
  { name: "age", kind: "number" },
  { name: "income", kind: "money" },
  { name: "amount", kind: "money" },
  { name: "months", kind: "number" },
  { name: "years-employed", kind: "number" },
  { name: "savings", kind: "money" },
  { name: "late-payments", kind: "number" },
  { name: "open-credits", kind: "number" },
  { name: "purpose", kind: "category" },
  { name: "housing", kind: "category" },
];

/** One purpose is a specialty: few lenders see it. */
const purposes = ["car", "furniture", "education", "business", "renovation", "boat"] as const;
const housings = ["rent", "own", "family"] as const;

/** How much each purpose and housing adds to the log-odds of not paying back. */
const purposeRisk = [0, 0.15, 0.3, 0.55, -0.3, -0.1] as const;
const housingRisk = [0.35, -0.35, 0.1] as const;

/** A lender and its applicants; both are invented. */
export interface SyntheticLender {
  readonly name: string;
  readonly applicants: LabelledTable;
}

/** What one lender's portfolio looks like. */
interface Portfolio {
  readonly size: number;
  /** Of each purpose. */
  readonly purposeWeights: readonly number[];
  /** Mean of the logarithm of yearly income. */
  readonly logIncome: number;
  readonly meanAge: number;
  readonly shareUnknown: number;
}

/** How many lenders of how many applicants are invented. */
export interface SyntheticTerms {
  /** 1 to 1,000. Default 10. */
  readonly lenders?: number;
  /** Of all lenders together. Default 6,000. */
  readonly applicants?: number;
  /** Decides everything: whole, 0 to 2^32 - 1. */
  readonly seed: number;
}

/**
 * SYNTHETIC applicants: drawn from a formula, of no real person, and of no use for judging one. They are made so that
 * models have something to learn: whether a credit is paid back depends on burden, savings, late payments, employment,
 * purpose and housing, in part not linearly, and in large part on chance, so that a good model reaches an AUC of about
 * 0.78. Lenders are as uneven as real ones: the largest has about ten times the applicants of the smallest, and each
 * has its own mix of purposes, incomes and ages.
 */
export function syntheticLenders({ lenders = 10, applicants = 6000, seed }: SyntheticTerms): SyntheticLender[] {
  if (!(Number.isInteger(lenders) && lenders >= 1 && lenders <= 1000)) {
    throw new RangeError(`${lenders} synthetic lenders: give a whole number from 1 to 1,000`);
  }
  const random = seededUniform(seed);
  const weights = Array.from({ length: lenders }, (_, at) => 10 ** -(lenders === 1 ? 0 : at / (lenders - 1)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, at) => {
    const portfolio = portfolioOf(Math.max(1, Math.round((applicants * weight) / total)), random);
    return { name: `lender ${at + 1}`, applicants: drawn(portfolio, random) };
  });
}

function portfolioOf(size: number, random: () => number): Portfolio {
  return {
    size,
    purposeWeights: purposes.map((purpose) => (purpose === "boat" ? (random() < 0.25 ? 0.3 : 0) : 0.1 + random() ** 2)),
    logIncome: Math.log(32_000) + 0.25 * normal(random),
    meanAge: 38 + 5 * normal(random),
    shareUnknown: 0.2 * random(),
  };
}

function drawn(portfolio: Portfolio, random: () => number): LabelledTable {
  const applicants = Array.from({ length: portfolio.size }, () => applicant(portfolio, random));
  return {
    table: tableOf(
      columns,
      applicants.map(({ cells }) => cells),
    ),
    labels: Uint8Array.from(applicants, ({ isBad }) => (isBad ? 1 : 0)),
  };
}

function applicant(portfolio: Portfolio, random: () => number): { cells: Cell[]; isBad: boolean } {
  const age = Math.round(Math.min(80, Math.max(18, portfolio.meanAge + 11 * normal(random))));
  const income = Math.round(Math.exp(portfolio.logIncome + 0.45 * normal(random)) / 100) * 100;
  const purpose = chosen(portfolio.purposeWeights, random);
  const amount = Math.round(Math.exp(8.6 + (purpose === 3 ? 0.8 : 0) + 0.7 * normal(random)) / 50) * 50;
  const months = 6 * Math.ceil(8 * random() ** 0.8);
  const yearsEmployed = Math.floor(Math.min(age - 17, -6 * Math.log(1 - random())));
  const savings = random() < 0.3 ? 0 : Math.round(Math.exp(7.5 + 1.4 * normal(random)));
  const latePayments = random() < 0.7 ? 0 : Math.floor(-2 * Math.log(1 - random())) + 1;
  const openCredits = Math.floor(4 * random() ** 2);
  const housing = chosen([0.5, age > 35 ? 0.5 : 0.2, age > 25 ? 0.1 : 0.4], random);
  const burden = (12 * amount) / months / income;
  const risk =
    -2.3 +
    2.2 * Math.tanh(3 * (burden - 0.25)) +
    0.75 * Math.min(3, latePayments) -
    0.22 * Math.log1p(savings / 100) -
    0.09 * Math.min(10, yearsEmployed) +
    (age < 25 ? 0.5 : 0) +
    0.2 * openCredits * (latePayments > 0 ? 1.5 : 0.5) +
    purposeRisk[purpose]! +
    housingRisk[housing]! +
    0.8;
  const isUnknown = random() < portfolio.shareUnknown;
  return {
    cells: [
      age,
      income,
      amount,
      months,
      isUnknown ? null : yearsEmployed,
      savings,
      latePayments,
      openCredits,
      purposes[purpose]!,
      housings[housing]!,
    ],
    isBad: random() < 1 / (1 + Math.exp(0.3 - 0.75 * risk)),
  };
}

/** An index, each as likely as its weight. */
function chosen(weights: readonly number[], random: () => number): number {
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => (left -= weight) < 0),
  );
}

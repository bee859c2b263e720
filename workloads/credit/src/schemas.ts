import type { PublicColumn } from "@aegis-pool/core";
import type { CreditSchema } from "./csv.js";

const codes = (name: string, ...names: string[]): PublicColumn => ({ name, kind: "category", names });
const number = (name: string, low: number, high: number): PublicColumn => ({ name, kind: "number", low, high });
const money = (name: string, low: number, high: number): PublicColumn => ({ name, kind: "money", low, high });

/** The codes of attribute `which`, from `first` to `last`, as its documentation writes them. */
function attribute(which: number, first: number, last: number): PublicColumn {
  const names = Array.from({ length: last - first + 1 }, (_, at) => `A${which}${first + at}`);
  return codes(`Attribute${which}`, ...names);
}

/**
 * Statlog German Credit (UCI 144, CC BY 4.0): 1,000 applicants in Deutsche Mark. Attribute2 is the duration in months,
 * Attribute5 the amount, Attribute8 the instalment in percent of income (in four classes), 11 years of residence
 * (likewise), 13 age, 16 and 18 numbers of credits and dependants. Codes are those of its documentation; ranges are
 * what one would say of such credits without a look at the file.
 */
export const german: CreditSchema = {
  name: "German",
  columns: [
    attribute(1, 1, 4),
    attribute(3, 0, 4),
    attribute(4, 0, 10),
    attribute(6, 1, 5),
    attribute(7, 1, 5),
    attribute(9, 1, 5),
    attribute(10, 1, 3),
    attribute(12, 1, 4),
    attribute(14, 1, 3),
    attribute(15, 1, 3),
    attribute(17, 1, 4),
    attribute(19, 1, 2),
    attribute(20, 1, 2),
    number("Attribute2", 0, 72),
    money("Attribute5", 250, 20_000),
    number("Attribute8", 1, 4),
    number("Attribute11", 1, 4),
    number("Attribute13", 18, 75),
    number("Attribute16", 1, 4),
    number("Attribute18", 1, 2),
  ],
  label: { column: "class", bad: "2", good: "1" },
};

/**
 * Months of delay, up to 8 and more; -2, -1 and 0 stand for no consumption, paid in full and revolving: codes, so
 * categories.
 */
const repayment = Array.from({ length: 11 }, (_, at) => String(at - 2));

/**
 * Default of Credit Card Clients (UCI 350, CC BY 4.0): 30,000 card holders in Taiwan, six months of 2005, amounts in
 * New Taiwan dollars. `pay_N` is the repayment status. Codes are those of its documentation and the few more that occur
 * in practice; ranges are what one would say of such cards without a look at the file.
 */
export const taiwan: CreditSchema = {
  name: "Taiwan",
  columns: [
    codes("sex", "1", "2"),
    codes("education", "0", "1", "2", "3", "4", "5", "6"),
    codes("marriage", "0", "1", "2", "3"),
    ...["pay_0", "pay_2", "pay_3", "pay_4", "pay_5", "pay_6"].map((name) => codes(name, ...repayment)),
    number("age", 20, 70),
    money("limit_bal", 10_000, 1_000_000),
    ...[1, 2, 3, 4, 5, 6].map((month) => money(`bill_amt${month}`, 0, 1_000_000)),
    ...[1, 2, 3, 4, 5, 6].map((month) => money(`pay_amt${month}`, 0, 1_000_000)),
  ],
  label: { column: "target", bad: "1", good: "0" },
};

/** The schema whose columns the first line of `text` names, all of them; undefined where it is of no known file. */
export function schemaOf(text: string): CreditSchema | undefined {
  const [header = ""] = text.split("\n", 1);
  const names = new Set(header.split(",").map((name) => name.trim()));
  return [german, taiwan].find(({ columns, label }) =>
    [...columns, { name: label.column }].every(({ name }) => names.has(name)),
  );
}

import type { Column } from "@aegis-pool/core";
import type { CreditSchema } from "./csv.js";

const columnsOf = (kind: Column["kind"], names: readonly string[]): Column[] => names.map((name) => ({ name, kind }));

/**
 * Statlog German Credit (UCI 144, CC BY 4.0): 1,000 applicants, attributes in codes. Attribute2 is the duration in months, Attribute5 the amount,
 * Attribute8 the instalment in percent of income, 11 years of residence, 13 age, 16 and 18 numbers of credits and dependants.
 */
export const german: CreditSchema = {
  name: "German",
  columns: [
    ...columnsOf("category", ["Attribute1", "Attribute3", "Attribute4", "Attribute6", "Attribute7", "Attribute9"]),
    ...columnsOf("category", ["Attribute10", "Attribute12", "Attribute14", "Attribute15", "Attribute17"]),
    ...columnsOf("category", ["Attribute19", "Attribute20"]),
    ...columnsOf("number", ["Attribute2", "Attribute8", "Attribute11", "Attribute13", "Attribute16", "Attribute18"]),
    ...columnsOf("money", ["Attribute5"]),
  ],
  label: { column: "class", bad: "2", good: "1" },
};

/**
 * Default of Credit Card Clients (UCI 350, CC BY 4.0): 30,000 card holders in Taiwan, six months of 2005. `pay_N` is the repayment status: months of
 * delay, or -2, -1 and 0 for no consumption, paid in full and revolving: codes, so categories.
 */
export const taiwan: CreditSchema = {
  name: "Taiwan",
  columns: [
    ...columnsOf("category", ["sex", "education", "marriage", "pay_0", "pay_2", "pay_3", "pay_4", "pay_5", "pay_6"]),
    ...columnsOf("number", ["age"]),
    ...columnsOf("money", ["limit_bal"]),
    ...columnsOf(
      "money",
      [1, 2, 3, 4, 5, 6].map((month) => `bill_amt${month}`),
    ),
    ...columnsOf(
      "money",
      [1, 2, 3, 4, 5, 6].map((month) => `pay_amt${month}`),
    ),
  ],
  label: { column: "target", bad: "1", good: "0" },
};

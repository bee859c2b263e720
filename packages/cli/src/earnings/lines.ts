import { formatAis, formatScu, toHex } from "@aegis-pool/core";
import type { Earning, VerifiedReceipt } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

/** What is shown of a task that an agent has run. */
export interface EarningLine {
  /** ISO 8601; undefined where the receipt is not genuine, as with all that follows. */
  readonly time: string | undefined;
  readonly task: number | undefined;
  readonly agent: string | undefined;
  readonly outcome: string | undefined;
  readonly microScuSeconds: number | undefined;
  /** nAIS per SCU-second. */
  readonly priceNais: string | undefined;
  readonly chargeNais: string | undefined;
  readonly feeNais: string | undefined;
  readonly rewardNais: string | undefined;
  /** "paid", or why not. */
  readonly payment: string;
}

export function lineOf({ verified, problem }: Earning): EarningLine {
  if (!verified) return { ...nothing, payment: `not genuine: ${problem}` };
  const { run, receipt } = verified;
  return {
    time: new Date(receipt.issuedAt).toISOString(),
    task: receipt.number,
    agent: toHex(receipt.agent),
    outcome: run.outcome,
    microScuSeconds: receipt.work,
    priceNais: receipt.price,
    chargeNais: receipt.charge,
    feeNais: receipt.fee,
    rewardNais: receipt.reward,
    payment: receipt.payment,
  };
}

const nothing = {
  time: undefined,
  task: undefined,
  agent: undefined,
  outcome: undefined,
  microScuSeconds: undefined,
  priceNais: undefined,
  chargeNais: undefined,
  feeNais: undefined,
  rewardNais: undefined,
};

export const csvTitles =
  "time,task,agent,outcome,micro_scu_seconds,price_nais,charge_nais,fee_nais,reward_nais,payment";

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf(line: EarningLine): string {
  const { time, task, agent, outcome, microScuSeconds, priceNais, chargeNais, feeNais, rewardNais, payment } = line;
  const cells = [time, task, agent, outcome, microScuSeconds, priceNais, chargeNais, feeNais, rewardNais, payment];
  return cells.map((cell) => csvCell(String(cell ?? ""))).join(",");
}

function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A table with a line for each task, and what they come to. */
export function earningsTable(earnings: readonly Earning[]): string {
  const columns = [
    { title: "time" },
    { title: "task", align: "right" as const },
    { title: "agent", maxWidth: 12 },
    { title: "outcome" },
    { title: "SCU-seconds", align: "right" as const },
    { title: "price", align: "right" as const },
    { title: "fee", align: "right" as const },
    { title: "earned", align: "right" as const },
    { title: "", maxWidth: 60 },
  ];
  const rows = earnings.map((earning) => cellsOf(earning));
  const receipts = earnings.flatMap(({ verified }) => verified ?? []);
  return `${table(columns, rows)}\n${totalOf(receipts)}`;
}

function cellsOf(earning: Earning): string[] {
  const line = lineOf(earning);
  if (!earning.verified) return ["?", "", "", "", "", "", "", "", line.payment];
  const { receipt, run } = earning.verified;
  return [
    line.time?.slice(0, 19).replace("T", " ") ?? "",
    String(receipt.number),
    line.agent ?? "",
    run.outcome,
    formatScu(receipt.work).replace(" SCU", ""),
    `${receipt.price} nAIS`,
    formatAis(BigInt(receipt.fee)),
    formatAis(BigInt(receipt.reward)),
    receipt.payment === "paid" ? "" : receipt.payment,
  ];
}

function totalOf(receipts: readonly VerifiedReceipt[]): string {
  const sum = (key: "reward" | "fee") => receipts.reduce((total, { receipt }) => total + BigInt(receipt[key]), 0n);
  const work = receipts.reduce((total, { receipt }) => total + receipt.work, 0);
  return `${receipts.length} tasks, ${formatScu(work)}-seconds: ${formatAis(sum("reward"))} earned, ${formatAis(sum("fee"))} of fees.`;
}

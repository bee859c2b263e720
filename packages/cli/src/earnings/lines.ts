import { formatAis, formatScu, type SettlementStatement, toHex } from "@aegis-pool/core";
import type { Earning } from "@aegis-pool/sdk";
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

export function lineOf({ verified, settlement, problem }: Earning): EarningLine {
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
    feeNais: settlement?.fee ?? receipt.fee,
    rewardNais: settlement?.reward ?? receipt.reward,
    payment: settlement ? settled(settlement) : receipt.payment,
  };
}

/** What became of a held result, in a word or two; "paid" where all is as the receipt had said. */
function settled({ verdict, reward, withheld }: SettlementStatement): string {
  if (withheld !== "0") return `paid less ${formatAis(BigInt(withheld))} owed`;
  return reward === "0" ? `not paid: ${verdict}` : "paid";
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
  return `${table(columns, rows)}\n${totalOf(earnings)}`;
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
    formatAis(BigInt(line.feeNais ?? 0)),
    formatAis(BigInt(line.rewardNais ?? 0)),
    line.payment === "paid" ? "" : line.payment,
  ];
}

function totalOf(earnings: readonly Earning[]): string {
  const genuine = earnings.filter(({ verified }) => verified !== undefined);
  const lines = genuine.map((earning) => lineOf(earning));
  const [held, paid] = [
    lines.filter(({ payment }) => payment === "held"),
    lines.filter((line) => line.payment !== "held"),
  ];
  const work = lines.reduce((total, { microScuSeconds = 0 }) => total + microScuSeconds, 0);
  const more =
    held.length === 0 ? "" : ` ${sum(held, "rewardNais")} for ${held.length} of them are held until these are final.`;
  return `${lines.length} tasks, ${formatScu(work)}-seconds: ${sum(paid, "rewardNais")} earned, ${sum(paid, "feeNais")} of fees.${more}`;
}

function sum(of: readonly EarningLine[], key: "rewardNais" | "feeNais"): string {
  return formatAis(of.reduce((total, line) => total + BigInt(line[key] ?? 0), 0n));
}

import {
  epochStatement,
  formatAis,
  fromCbor,
  readStatement,
  type Signed,
  toHex,
  type VerifiedEpoch,
} from "@aegis-pool/core";
import type { EpochListed, listEpochs } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

const dayMs = 86_400_000;

/** A verified epoch, for scripts. */
export function epochFacts({ header, statement, rows, totals }: VerifiedEpoch) {
  const { epoch, start, end, referencePrice, budget, pool } = header;
  const { issued, earned, claimable } = statement;
  const facts = { epoch, start, end, pool, referencePrice, budget, issued, earned, claimable, rows };
  const roots = { root: toHex(statement.root), claims: toHex(statement.claims) };
  return { ...facts, ...roots, operators: totals.earned.size, addresses: totals.claimable.size };
}

/** A verified epoch in words. */
export function describeEpoch({ header, statement, rows, totals }: VerifiedEpoch): string {
  const { epoch, start, end, referencePrice, budget, pool } = header;
  const { earned, claimable } = totals;
  return [
    `Adds up: epoch ${epoch}, ${instant(start)} to ${instant(end)}`,
    `  issued   ${formatAis(BigInt(statement.issued))} of ${formatAis(BigInt(budget))}, to ${rows.available} agents that were available`,
    `  work     ${rows.work} tasks paid, ${rows.settled} held results settled; the reference price was ${referencePrice} nAIS per SCU-second`,
    `  earned   ${formatAis(BigInt(statement.earned))} in all; ${earned.size} operators have earned something so far`,
    `  paid out to ${rows.payout} operators' addresses; ${claimable.size} addresses can claim ${formatAis(BigInt(statement.claimable))} in all`,
    `  root     ${toHex(statement.root)} of ${statement.lines} lines`,
    `  claims   ${toHex(statement.claims)}`,
    `  pool     ${pool}`,
  ].join("\n");
}

/** Epochs that are closed. */
export function describeEpochs({ referencePrice, epochMs, epochs }: Awaited<ReturnType<typeof listEpochs>>): string {
  const length = epochMs === dayMs ? "a day" : `${epochMs / 1_000} s`;
  const now = `An epoch is ${length}; the reference price is ${referencePrice} nAIS per SCU-second now.`;
  if (epochs.length === 0) return `${now}\nNone is closed yet.`;
  const columns = [
    { title: "epoch" },
    { title: "closed" },
    { title: "issued" },
    { title: "earned" },
    { title: "lines" },
  ];
  return `${now}\n${table(columns, epochs.map(rowOf))}`;
}

function rowOf({ number, statement }: EpochListed): string[] {
  const read = readStatement(epochStatement, fromCbor(Buffer.from(statement, "base64url")) as Signed);
  if (!read) return [String(number), "cannot be read"];
  const { closedAt, issued, earned, lines } = read;
  return [String(number), instant(closedAt), formatAis(BigInt(issued)), formatAis(BigInt(earned)), String(lines)];
}

const instant = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

import { createHash } from "node:crypto";
import { type SumBinding, toHex } from "@aegis-pool/core";

/** One line of the log: what was about to be signed for a sum. */
export interface SignRecord {
  readonly sum: SumBinding;
  readonly value: Uint8Array;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** Marks lines of this form. */
const version = "aegis-1";
/** Of the check at a line's end, in hexadecimal digits: it tells a whole line from one that a crash cut short. */
const checkDigits = 16;
const wholeLine = /^aegis-1 ([0-9a-f]{64}) (\d{1,6}) (\d) (\d{1,3}) ((?:[0-9a-f]{2}){1,32}) (\d{1,16}) ([0-9a-f]{16})$/;

/** A record as a line, with its end. */
export function lineOf({ sum: { run, round, attempt, group }, value, at }: SignRecord): string {
  const said = [version, toHex(run), round, attempt, group, toHex(value), at].join(" ");
  return `${said} ${checkOf(said)}\n`;
}

/** The record in a line without its end, or undefined where it is not whole. */
export function recordOf(line: string): SignRecord | undefined {
  const [, run, round, attempt, group, value, at, check] = wholeLine.exec(line) ?? [];
  if (!run || !value || checkOf(line.slice(0, -checkDigits - 1)) !== check) return undefined;
  return {
    sum: { run: Buffer.from(run, "hex"), round: Number(round), attempt: Number(attempt), group: Number(group) },
    value: Buffer.from(value, "hex"),
    at: Number(at),
  };
}

function checkOf(said: string): string {
  return createHash("sha256").update(said).digest("hex").slice(0, checkDigits);
}

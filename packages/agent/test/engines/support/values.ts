import { decodeValue, encodeValue, type TaskValue } from "@aegis-pool/core";
import type { RunOutcome } from "../../../src/engines/index.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const coding = { encode: (text: string) => encoder.encode(text), decode: (bytes: Uint8Array) => decoder.decode(bytes) };

export function tagged(value: TaskValue): Uint8Array {
  return encodeValue(value, coding);
}

/** The value of a run that must have gone well. */
export function valueOf(outcome: RunOutcome): TaskValue {
  if (!outcome.ok) throw new Error(`the run failed: ${outcome.reason}: ${outcome.message}\n${outcome.log}`);
  return decodeValue(outcome.output, coding);
}

/** The reason of a run that must have failed. */
export function reasonOf(outcome: RunOutcome): string {
  return outcome.ok ? "ok" : outcome.reason;
}

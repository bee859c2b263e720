import {
  bytesOf,
  close,
  encodeStep,
  gathering,
  maskUpload,
  openSum,
  type Primitives,
  type Signed,
  type Step,
  takeUpload,
  toHex,
  type Upload,
} from "@aegis-pool/core";
import { boxSealer } from "@aegis-pool/platform";
import { cpuMs } from "../cpu-time.js";
import type { Parties } from "./parties.js";

/** Processor time of whom, in ms, all of a kind together. */
export interface Spent {
  clients: number;
  members: number;
  pool: number;
}

/** What a participant adds, as it would upload it. */
export async function uploadOf(parties: Parties, place: number, step: Step, primitives: Primitives): Promise<Upload> {
  const { pool, committee, state, participants } = parties;
  const { random, arithmetic } = primitives;
  const integers = encodeStep(step, { random, arithmetic, addNoise: () => undefined });
  const context = { binding: pool.binding, committee, state };
  const upload = await maskUpload(integers, context, participants[place]!, boxSealer, primitives);
  if (!upload) throw new TypeError("a member's key is none");
  return upload;
}

/**
 * One attempt from the participants' values to a sum that each of them has proven to itself; without disk and network, and without the pool's check of the
 * members' twelve statements.
 * @param stepOf what participant `place` adds
 */
export async function wholeSum(
  parties: Parties,
  stepOf: (place: number) => Step,
  primitives: Primitives,
): Promise<{ readonly words: Int32Array; readonly spent: Spent }> {
  const { members, participants, pool, committee, state } = parties;
  const spent: Spent = { clients: 0, members: 0, pool: 0 };
  const files = new Map<string, Uint8Array>();
  const fetch = (hash: Uint8Array) => Promise.resolve(files.get(toHex(hash)) ?? new Uint8Array(0));
  const keep = (bytes: Uint8Array): void => void files.set(toHex(primitives.sha256(bytes)), bytes);
  let phase = gathering;
  for (const place of participants.keys()) {
    const step = stepOf(place);
    const { statement, masked } = await timed(spent, "clients", () => uploadOf(parties, place, step, primitives));
    keep(masked);
    phase = await timed(spent, "pool", () => accepted(takeUpload(phase, place, statement, pool)));
    for (const member of members) {
      const refusal = await timed(spent, "members", () => member.takeUpload(statement, place));
      if (refusal) throw new TypeError(`a member refuses an upload: ${refusal}`);
    }
  }
  const { survivors } = close(phase, pool);
  const verdicts: Signed[] = [];
  for (const member of members) verdicts.push(accepted(await timed(spent, "members", () => member.sign(0, survivors))));
  const answers: Signed[] = [];
  for (const member of members) {
    const answered = accepted(await timed(spent, "members", () => member.answer(0, verdicts, fetch)));
    for (const mask of answered.masks.values()) keep(mask);
    answers.push(answered.answer);
  }
  const statements: Signed[] = [];
  let words: Int32Array = new Int32Array(0);
  for (const member of members) {
    const confirm = () => member.confirm(0, answers, (_, hash) => fetch(hash));
    const confirmed = accepted(await timed(spent, "members", confirm));
    statements.push(confirmed.statement);
    words = confirmed.words;
  }
  const demand = { binding: pool.binding, committee, state, floor: pool.floor, length: pool.length };
  for (let proofs = 0; proofs < participants.length; proofs++) {
    await timed(spent, "clients", () => accepted(openSum(bytesOf(words), statements, demand, primitives)));
  }
  return { words, spent };
}

async function timed<T>(spent: Spent, who: keyof Spent, work: () => T | Promise<T>): Promise<T> {
  const before = cpuMs();
  const result = await work();
  spent[who] += cpuMs() - before;
  return result;
}

function accepted<T>(found: T): Exclude<T, string> {
  if (typeof found === "string") throw new TypeError(`refused: ${found}`);
  return found as Exclude<T, string>;
}

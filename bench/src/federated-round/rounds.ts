import { join } from "node:path";
import { type GroupSum, quantumFor, type Step } from "@aegis-pool/core";
import { participate } from "@aegis-pool/sdk";
import type { Federation } from "./federation.js";

/** Lets all participants go on at once, when each has come so far. */
class Gate {
  readonly #count: number;
  #here = 0;
  #open: () => void = () => undefined;
  #passed = this.#next();
  /** When it last opened, in ms. */
  openedAt = 0;

  constructor(count: number) {
    this.#count = count;
  }

  pass(): Promise<void> {
    const passed = this.#passed;
    if (++this.#here === this.#count) {
      this.#here = 0;
      this.openedAt = performance.now();
      this.#open();
      this.#passed = this.#next();
    }
    return passed;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => (this.#open = resolve));
  }
}

const limit = 1;

/** What each participant has, a value at all places, so that the sum is known. */
function stepOf(place: number, participants: number, values: number, round: number): Step {
  const own = new Float64Array(values).fill((place + 1) / participants);
  const part = { name: "update", values: own, limit, quantum: quantumFor(limit, participants) };
  return { name: `round ${round}`, parts: [part] };
}

/**
 * All participants take part in all rounds; each round begins when all have their values and ends when all have the sum.
 * @param ended called when the draw is made (round 0) and after each round, before the next
 */
export async function runRounds(
  { created, folder }: Federation,
  { rounds, values }: { readonly rounds: number; readonly values: number },
  ended: (round: number, ms: number) => Promise<void>,
): Promise<void> {
  const count = created.invitations.length;
  const [begin, end] = [new Gate(count), new Gate(count)];
  let between: Promise<void> | undefined;
  const started = performance.now();
  async function* procedure(place: number): AsyncGenerator<Step, void, readonly GroupSum[]> {
    for (let round = 1; round <= rounds; round++) {
      const step = stepOf(place, count, values, round);
      await end.pass();
      const ms = end.openedAt - (begin.openedAt || started);
      if (place === 0) between = ended(round - 1, ms);
      await begin.pass();
      requireSum(yield step, step, count);
    }
    await end.pass();
    if (place === 0) between = ended(rounds, end.openedAt - begin.openedAt);
  }
  await Promise.all(
    created.invitations.map((invitation, place) =>
      participate(invitation, procedure(place), { statePath: join(folder, `participant-${place}`) }),
    ),
  );
  await between;
}

/** Every participant has added other values: 1/n to 1. */
function requireSum(sums: readonly GroupSum[], { parts }: Step, participants: number): void {
  const [sum] = sums;
  const wanted = (participants + 1) / 2;
  const worst = sum?.parts[0]?.reduce((most, value) => Math.max(most, Math.abs(value - wanted)), 0) ?? Infinity;
  if (sum?.participants === participants && worst < participants * parts[0]!.quantum) return;
  throw new Error(`a sum of ${sum?.participants} participants is ${worst} off`);
}

import {
  type ChallengeShape,
  drawRows,
  equalBytes,
  type OpenedRow,
  type Primitives,
  type ProductRefusal,
  ratingRules,
  type SpeedChallenge,
} from "@aegis-pool/core";
import type { Answer } from "./product-checks.js";

/** How a proof of speed ended. */
export type Proof =
  | { readonly reason: "proven"; readonly challenge: SpeedChallenge; readonly elapsedMs: number }
  | { readonly reason: ProductRefusal | "late" | "abandoned" };

/** What a proof is checked with. */
export interface ProofParts {
  readonly primitives: Primitives;
  /** Why an answer is not accepted, or undefined where it holds. */
  check(challenge: SpeedChallenge, answer: Answer): Promise<ProductRefusal | undefined>;
}

/** An answer may take this many times as long as the agent's own word says, and `slackMs` more for starting and sending. */
const patience = 5;
const slackMs = 10_000;
/** For the rows, which are there: the time of sending them. */
const openingMs = 10_000;

/** One proof of speed: challenge, commitment, rows, verdict. */
export class SpeedProof {
  readonly #parts: ProofParts;
  readonly #id: Uint8Array;
  readonly #challenge: SpeedChallenge;
  readonly #expectedMs: number;
  #begunAt: number | undefined;
  #roundTripMs = 0;
  #deadline = Infinity;
  #answer: { readonly root: Uint8Array; readonly indices: readonly number[]; readonly elapsedMs: number } | undefined;
  #opened = false;

  /** @param expectedMs how long it takes by the agent's own word */
  constructor(parts: ProofParts, shape: ChallengeShape, expectedMs: number) {
    const { primitives } = parts;
    this.#parts = parts;
    this.#id = primitives.randomBytes(16);
    this.#challenge = { seed: primitives.randomBytes(32), ...shape };
    this.#expectedMs = expectedMs;
  }

  /** The challenge is sent now. */
  begin(now: number, roundTripMs: number): { readonly id: Uint8Array; readonly challenge: SpeedChallenge } {
    this.#begunAt = now;
    this.#roundTripMs = Math.min(roundTripMs, ratingRules.mostRoundTripMs);
    this.#deadline = now + this.#expectedMs * patience + slackMs;
    return { id: this.#id, challenge: this.#challenge };
  }

  isLate(now: number): boolean {
    return now > this.#deadline;
  }

  /** The rows to open, once the agent has committed; undefined where no commitment to this challenge is expected. */
  commit(id: Uint8Array, root: Uint8Array, now: number): readonly number[] | undefined {
    if (this.#answer || this.#begunAt === undefined || !equalBytes(id, this.#id)) return undefined;
    const elapsedMs = Math.max(1, now - this.#begunAt - this.#roundTripMs);
    const indices = drawRows(this.#challenge, this.#parts.primitives);
    this.#answer = { root, indices, elapsedMs };
    this.#deadline = now + openingMs;
    return indices;
  }

  /** The verdict on the opened rows; undefined where none are expected. */
  check(id: Uint8Array, rows: readonly OpenedRow[]): Promise<Proof> | undefined {
    if (!this.#answer || this.#opened || !equalBytes(id, this.#id)) return undefined;
    this.#opened = true;
    this.#deadline = Infinity; // what is left takes our own time
    return this.#verdict({ ...this.#answer, rows });
  }

  async #verdict({ elapsedMs, ...answer }: Answer & { readonly elapsedMs: number }): Promise<Proof> {
    const refusal = await this.#parts.check(this.#challenge, answer);
    return refusal ? { reason: refusal } : { reason: "proven", challenge: this.#challenge, elapsedMs };
  }
}

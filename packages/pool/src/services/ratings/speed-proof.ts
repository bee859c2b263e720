import {
  type CheckParts,
  checkProduct,
  drawRows,
  equalBytes,
  hasDistinctRows,
  type OpenedRow,
  type ProductRefusal,
  ratingRules,
  type SpeedChallenge,
  stepsFor,
} from "@aegis-pool/core";

/** How a proof of speed ended. */
export type Proof =
  | { readonly reason: "proven"; readonly challenge: SpeedChallenge; readonly elapsedMs: number }
  | { readonly reason: ProductRefusal | "late" | "abandoned" };

/** What a proof is checked with. */
export type ProofParts = CheckParts;

/** Whom a challenge is for. */
export interface ProofTerms {
  readonly slots: number;
  /** By the agent's own word, all slots together. */
  readonly flopsPerSecond: number;
  readonly challengeMs: number;
  readonly challengeSize: number;
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

  constructor(parts: ProofParts, { slots, flopsPerSecond, challengeMs, challengeSize: size }: ProofTerms) {
    const { primitives } = parts;
    const blocks = Math.min(slots, Math.max(1, Math.floor(2 ** 32 / (size * size))));
    if (!hasDistinctRows({ size, blocks })) throw new RangeError(`matrices of ${size} columns are too large`);
    const steps = stepsFor(size, blocks, (flopsPerSecond * blocks) / slots, challengeMs);
    this.#parts = parts;
    this.#id = primitives.randomBytes(16);
    this.#challenge = { seed: primitives.randomBytes(32), size, blocks, steps };
    this.#expectedMs = challengeMs;
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
  check(id: Uint8Array, rows: readonly OpenedRow[]): Proof | undefined {
    if (!this.#answer || !equalBytes(id, this.#id)) return undefined;
    const { elapsedMs, ...answer } = this.#answer;
    const refusal = checkProduct(this.#challenge, { ...answer, rows }, this.#parts);
    return refusal ? { reason: refusal } : { reason: "proven", challenge: this.#challenge, elapsedMs };
  }
}

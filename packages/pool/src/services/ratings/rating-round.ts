import {
  challengeFlops,
  challengeShape,
  type Offer,
  type OpenedRow,
  type Precision,
  type ProvenRates,
} from "@aegis-pool/core";
import { type Proof, type ProofParts, SpeedProof } from "./speed-proof.js";

/** How the pool rates; core's `ratingRules` by default. */
export interface RatingOptions {
  /** Length of a challenge by the agent's own word, in ms. */
  readonly challengeMs: number;
  /** Columns of its matrices, at least. */
  readonly challengeSize: number;
}

/** What a whole round comes to. */
export type RoundResult =
  | { readonly reason: "proven"; readonly rates: ProvenRates }
  | { readonly reason: Exclude<Proof["reason"], "proven"> | "unchecked" };

/** All that one agent has to prove, one product after another: FP32, and FP16 where it claims some. */
export class RatingRound {
  readonly #parts: ProofParts;
  readonly #offer: Offer;
  readonly #options: RatingOptions;
  readonly #rates: { -readonly [P in Precision]?: number } = {};
  #precision: Precision = "fp32";
  #proof: SpeedProof;

  constructor(parts: ProofParts, offer: Offer, options: RatingOptions) {
    this.#parts = parts;
    this.#offer = offer;
    this.#options = options;
    this.#proof = this.#next(offer.speeds.fp32FlopsPerSecond);
  }

  /** The next product is asked for now. */
  begin(now: number, roundTripMs: number) {
    return { precision: this.#precision, ...this.#proof.begin(now, roundTripMs) };
  }

  isLate(now: number): boolean {
    return this.#proof.isLate(now);
  }

  /** The rows to open, once the agent has committed; undefined where no commitment is expected. */
  commit(id: Uint8Array, root: Uint8Array, now: number): readonly number[] | undefined {
    return this.#proof.commit(id, root, now);
  }

  /** The result, or "more" where another product is to be asked for; undefined where no rows are expected. */
  check(id: Uint8Array, rows: readonly OpenedRow[]): Promise<RoundResult | "more"> | undefined {
    return this.#proof.check(id, rows)?.then((proof) => this.#take(proof));
  }

  #take(proof: Proof): RoundResult | "more" {
    if (proof.reason !== "proven") return proof;
    this.#rates[this.#precision] = Math.round(challengeFlops(proof.challenge) / (proof.elapsedMs / 1_000));
    const { fp32 = 0, fp16 } = this.#rates;
    const claimed = this.#offer.speeds.fp16FlopsPerSecond;
    if (this.#offer.class === "cpu" || claimed === undefined || fp16 !== undefined) {
      return { reason: "proven", rates: { fp32, fp16 } };
    }
    this.#precision = "fp16";
    this.#proof = this.#next(claimed);
    return "more";
  }

  #next(flopsPerSecond: number): SpeedProof {
    const { slots, memoryBytes } = this.#offer;
    const { challengeMs: ms, challengeSize: size } = this.#options;
    return new SpeedProof(this.#parts, challengeShape({ flopsPerSecond, slots, memoryBytes, ms, size }), ms);
  }
}

import {
  challengeFlops,
  type RowCommitment,
  type SpeedChallenge,
  type ToAgent,
  type ToPool,
  toHex,
} from "@aegis-pool/core";
import { CoreBench } from "../benchmark/core-bench.js";
import type { Engines } from "../engines/index.js";
import type { LentShare } from "../share/lent-share.js";
import { ChallengeBudget } from "./challenge-budget.js";

/** What a prover works with. */
export interface ProverParts {
  readonly engines: Engines;
  readonly lent: LentShare;
  /** Operations per second that the agent has claimed. */
  readonly flopsPerSecond: number;
  send(message: ToPool): void;
  onRated(rated: Extract<ToAgent, { type: "rated" }>): void;
}

type Challenge = Extract<ToAgent, { type: "speed-challenge" }>;

/** Answers the pool's challenges: computes in the sandbox, under the share, commits, and opens what is asked for. */
export class SpeedProver {
  readonly #parts: ProverParts;
  readonly #budget = new ChallengeBudget(performance.now());
  #computing = false;
  /** The last commitment, until another takes its place. */
  #committed: { readonly id: string; readonly commitment: RowCommitment } | undefined;

  constructor(parts: ProverParts) {
    this.#parts = parts;
  }

  /** @returns whether the message was for the prover */
  receive(message: ToAgent): boolean {
    if (message.type === "speed-challenge") void this.#answer(message);
    else if (message.type === "open-rows") this.#open(message);
    else if (message.type === "rated") this.#parts.onRated(message);
    else return false;
    return true;
  }

  /** What is not answered counts as late: that is the pool's to say. */
  async #answer({ id, challenge }: Challenge): Promise<void> {
    if (this.#computing || !this.#isReasonable(challenge)) return;
    this.#computing = true;
    try {
      const commitment = await this.#compute(challenge);
      this.#committed = { id: toHex(id), commitment };
      this.#parts.send({ type: "speed-commitment", id, root: commitment.root });
    } catch {
      // no sandbox, or one that broke: nothing was computed, and nothing is claimed
    } finally {
      this.#computing = false;
    }
  }

  async #compute(challenge: SpeedChallenge): Promise<RowCommitment> {
    const { engines, lent } = this.#parts;
    const bench = await CoreBench.open(engines, challenge.blocks, lent.memoryBytesPerSlot);
    try {
      return (await bench.product(challenge)).commitment;
    } finally {
      await bench.close();
    }
  }

  #open({ id, indices }: Extract<ToAgent, { type: "open-rows" }>): void {
    if (this.#committed?.id !== toHex(id)) return;
    const rows = this.#committed.commitment.open(indices);
    this.#committed = undefined;
    if (rows) this.#parts.send({ type: "opened-rows", id, rows });
  }

  /** A pool may not have the machine compute for nothing: neither more than is lent nor more than a fair part of the time. */
  #isReasonable(challenge: SpeedChallenge): boolean {
    const { lent, flopsPerSecond } = this.#parts;
    const fourMatrices = 4 * challenge.size ** 2 * 4;
    if (challenge.blocks > lent.slots || fourMatrices > lent.memoryBytesPerSlot) return false;
    return this.#budget.spend((challengeFlops(challenge) / flopsPerSecond) * 1_000, performance.now());
  }
}

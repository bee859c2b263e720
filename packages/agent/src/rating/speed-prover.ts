import {
  challengeFlops,
  type Offer,
  type Precision,
  type RowCommitment,
  type SpeedChallenge,
  type ToAgent,
  type ToPool,
  toHex,
} from "@aegis-pool/core";
import type { LentDevice } from "../devices/device.js";
import { ChallengeBudget } from "./challenge-budget.js";

/** What a prover works with. */
export interface ProverParts {
  readonly device: Pick<LentDevice, "canCompute" | "compute">;
  /** What the agent has claimed. */
  readonly speeds: Offer["speeds"];
  /** ms of a clock that never goes back; this process's own by default. */
  readonly now?: () => number;
  send(message: ToPool): void;
  onRated(rated: Extract<ToAgent, { type: "rated" }>): void;
}

type Challenge = Extract<ToAgent, { type: "speed-challenge" }>;

/** Answers the pool's challenges: computes in the sandbox, under the share, commits, and opens what is asked for. */
export class SpeedProver {
  readonly #parts: ProverParts;
  readonly #now: () => number;
  readonly #budget: ChallengeBudget;
  #computing = false;
  /** The last commitment, until another takes its place. */
  #committed: { readonly id: string; readonly commitment: RowCommitment } | undefined;

  constructor(parts: ProverParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#budget = new ChallengeBudget(this.#now());
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
  async #answer({ id, precision, challenge }: Challenge): Promise<void> {
    if (this.#computing || !this.#parts.device.canCompute(challenge)) return;
    const begunAt = this.#now();
    const estimatedMs = this.#estimatedMs(challenge, precision);
    if (!this.#budget.spend(estimatedMs, begunAt)) return; // a pool may not have the machine compute for nothing
    this.#computing = true;
    try {
      const commitment = await this.#parts.device.compute(challenge, precision);
      this.#committed = { id: toHex(id), commitment };
      this.#parts.send({ type: "speed-commitment", id, root: commitment.root });
    } catch {
      // no sandbox, or one that broke: nothing was computed, and nothing is claimed
    } finally {
      this.#computing = false;
      this.#budget.correct(estimatedMs, this.#now() - begunAt);
    }
  }

  #open({ id, indices }: Extract<ToAgent, { type: "open-rows" }>): void {
    if (this.#committed?.id !== toHex(id)) return;
    const rows = this.#committed.commitment.open(indices);
    this.#committed = undefined;
    if (rows) this.#parts.send({ type: "opened-rows", id, rows });
  }

  /** By the agent's own claim. */
  #estimatedMs(challenge: SpeedChallenge, precision: Precision): number {
    const { fp32FlopsPerSecond, fp16FlopsPerSecond = fp32FlopsPerSecond } = this.#parts.speeds;
    const flopsPerSecond = precision === "fp16" ? fp16FlopsPerSecond : fp32FlopsPerSecond;
    return (challengeFlops(challenge) / flopsPerSecond) * 1_000;
  }
}

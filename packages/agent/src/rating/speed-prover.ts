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
  async #answer({ id, precision, challenge }: Challenge): Promise<void> {
    if (this.#computing || !this.#isReasonable(challenge, precision)) return;
    this.#computing = true;
    try {
      const commitment = await this.#parts.device.compute(challenge, precision);
      this.#committed = { id: toHex(id), commitment };
      this.#parts.send({ type: "speed-commitment", id, root: commitment.root });
    } catch {
      // no sandbox, or one that broke: nothing was computed, and nothing is claimed
    } finally {
      this.#computing = false;
    }
  }

  #open({ id, indices }: Extract<ToAgent, { type: "open-rows" }>): void {
    if (this.#committed?.id !== toHex(id)) return;
    const rows = this.#committed.commitment.open(indices);
    this.#committed = undefined;
    if (rows) this.#parts.send({ type: "opened-rows", id, rows });
  }

  /** A pool may not have the machine compute for nothing: neither more than is lent nor more than a fair part of the time. */
  #isReasonable(challenge: SpeedChallenge, precision: Precision): boolean {
    const { device, speeds } = this.#parts;
    const { fp32FlopsPerSecond, fp16FlopsPerSecond = fp32FlopsPerSecond } = speeds;
    const flopsPerSecond = precision === "fp16" ? fp16FlopsPerSecond : fp32FlopsPerSecond;
    if (!device.canCompute(challenge)) return false;
    return this.#budget.spend((challengeFlops(challenge) / flopsPerSecond) * 1_000, performance.now());
  }
}

import type { Verification, VerificationEffect } from "@aegis-pool/core";
import type { HeldResults } from "./held-results.js";
import type { OpenCheck, PoolRun } from "./open-check.js";
import type { Replication } from "./replication.js";

/** Gives novices tasks on which others have agreed, to see what they make of them: nothing hangs on their answers but their own trust. */
export class Lessons {
  readonly #verification: Verification<PoolRun>;
  readonly #replication: Replication;
  readonly #held: HeldResults;

  constructor(verification: Verification<PoolRun>, replication: Replication, held: HeldResults) {
    this.#verification = verification;
    this.#replication = replication;
    this.#held = held;
  }

  /** The task of a check that has just ended is given to a novice too, where its results are held: else nobody would pay for that. */
  begin(check: OpenCheck): void {
    const right = check.taking[0];
    if (!right?.isHeld || !check.job.releaser) return this.#verification.untaught(check.task);
    const lesson = this.#replication.begin(right, check.job, "lesson");
    for (const operator of check.operators) lesson.operators.add(operator);
    this.#replication.want(lesson, 1);
  }

  /** The novice has shown what it has, or kept silent. */
  end(
    lesson: OpenCheck,
    [answer]: readonly (readonly [PoolRun, string])[],
    silent: readonly PoolRun[],
  ): VerificationEffect<PoolRun>[] {
    this.#close(lesson);
    for (const run of silent) void this.#held.settle(run, "silent");
    if (answer) return this.#verification.trained(...answer);
    this.#verification.untaught(lesson.task);
    return [];
  }

  /** It has come to nothing: what a novice has run all the same is paid. */
  abandon(lesson: OpenCheck): void {
    this.#close(lesson);
    this.#verification.untaught(lesson.task);
    for (const run of lesson.runs) if (run.number !== run.task) void this.#held.settle(run, "accepted");
  }

  #close(lesson: OpenCheck): void {
    this.#replication.end(lesson);
    if (lesson.isAnnounced) lesson.job.releaser?.send({ type: "taught", number: lesson.task });
  }
}

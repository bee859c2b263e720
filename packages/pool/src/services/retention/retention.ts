import { AegisError, fromHex, type Parameters } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import type { BlobStore } from "../../store/blobs/index.js";
import {
  dropCancelled,
  dropCancelledOf,
  dropEndedLeases,
  dropReceipts,
  dropResults,
  dropResultsOf,
  idleEscrows,
} from "../../store/retention.js";
import type { Clock } from "../clock.js";
import { InTurn } from "../in-turn.js";
import type { LiveJob } from "../market/live.js";
import type { Market } from "../market/index.js";
import { neededBlobs } from "./needed-blobs.js";

/** What retention is built on. */
export interface RetentionGround {
  readonly database: pg.Pool;
  readonly blobs: BlobStore;
  readonly market: Pick<Market, "board" | "jobs" | "funds">;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, "info">;
  /** As they are now. */
  readonly parameters: () => Parameters;
  /** Federated runs: what is left of one goes when a task's result would. */
  readonly federated?: { expire(since: number): Promise<void> };
}

/** What a sweep has ended and deleted. */
export interface Swept {
  /** Jobs whose tasks nobody took. */
  readonly jobs: number;
  /** Jobs whose money was given back. */
  readonly escrows: number;
  /** Tasks whose sealed result is deleted. */
  readonly results: number;
  /** Tasks of which nothing is left. */
  readonly tasks: number;
  readonly blobs: number;
}

const dayMs = 24 * 3_600_000;
/** A blob that no task names may still be meant for one: it has just been uploaded, or was asked for. */
const unnamedMs = dayMs;

/** Ends what nobody waits for any more, and deletes what has been kept for long enough. */
export class Retention {
  readonly #ground: RetentionGround;
  readonly #inTurn = new InTurn();

  constructor(ground: RetentionGround) {
    this.#ground = ground;
  }

  /** Ends and deletes whatever is due now. */
  sweep(): Promise<Swept> {
    return this.#inTurn.do(async () => {
      const { database, clock, log, parameters } = this.#ground;
      const { waitingDays, resultDays, receiptDays } = parameters();
      const before = (days: number) => clock() - days * dayMs;
      const jobs = await this.#cancelWaiting(before(waitingDays));
      const escrows = await this.#emptyEscrows(before(waitingDays));
      const results = await untilNone(() => dropResults(database, before(resultDays)));
      const cancelled = await untilNone(() => dropCancelled(database, before(resultDays)));
      const ended = await untilNone(() => dropReceipts(database, before(receiptDays)));
      await untilNone(() => dropEndedLeases(database, before(receiptDays)));
      await this.#ground.federated?.expire(before(resultDays));
      const swept = { jobs, escrows, results, tasks: cancelled + ended, blobs: await this.#dropBlobs() };
      log.info(swept, "swept");
      return swept;
    });
  }

  /** Nothing is swept while `work` is done. */
  pauseWhile<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn.do(work);
  }

  /**
   * Deletes at once what was sealed for a job's tasks and gives back what is left of its money; blobs that nothing else needs go with the next sweep.
   * @returns how many tasks it was
   * @throws {AegisError} `job-not-over`
   */
  async deleteJob(job: LiveJob): Promise<number> {
    const { board, funds } = this.#ground.market;
    if (job.tasks.size > 0) throw notOver(job.tasks.size);
    const release = board.hold(job);
    try {
      await funds.giveBack(job);
      const { database } = this.#ground;
      const ended = await untilNone(() => dropResultsOf(database, job.key));
      return ended + (await untilNone(() => dropCancelledOf(database, job.key)));
    } finally {
      release();
    }
  }

  /** Tasks that were all submitted before a time, that nobody took, and for which no requester is here. */
  async #cancelWaiting(before: number): Promise<number> {
    const { board, jobs, funds } = this.#ground.market;
    const given = [...board.jobs.values()].filter((job) => isGivenUp(job, before));
    for (const job of given) {
      const release = board.hold(job);
      jobs.cancel(job);
      await funds.giveBack(job);
      release();
    }
    return given.length;
  }

  async #emptyEscrows(since: number): Promise<number> {
    const { board, jobs, funds } = this.#ground.market;
    let emptied = 0;
    for (const id of await idleEscrows(this.#ground.database, since)) {
      if (jobs.isBound(id)) continue;
      const job = await jobs.open(fromHex(id) ?? new Uint8Array(0));
      if (job.tasks.size === 0 && !job.releaser && (await funds.giveBack(job)) > 0n) emptied++;
      board.forget(job);
    }
    return emptied;
  }

  /** Whoever submits or finishes a task uses its blobs, which makes them young: what becomes needed meanwhile is not deleted. */
  async #dropBlobs(): Promise<number> {
    const { blobs, clock, database } = this.#ground;
    const unusedSince = clock() - unnamedMs;
    const needed = await neededBlobs(database);
    let dropped = 0;
    for await (const { id } of blobs.list()) {
      if (!needed.has(id) && (await blobs.remove(id, unusedSince))) dropped++;
    }
    return dropped;
  }
}

function isGivenUp({ releaser, tasks }: LiveJob, before: number): boolean {
  if (releaser || tasks.size === 0) return false;
  return [...tasks.values()].every(({ age, position }) => position.state === "queued" && age < before * 1_000);
}

/** Does `step` until it has nothing to do; @returns how much it did in all */
async function untilNone(step: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let done = await step(); done > 0; done = await step()) all += done;
  return all;
}

const notOver = (tasks: number) =>
  new AegisError({
    code: "job-not-over",
    message: `${tasks} tasks of this job have not ended.`,
    next: "Wait for them, or cancel them first: aegis job cancel.",
  });

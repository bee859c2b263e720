import type pg from "pg";
import { AegisError, type ShortJobs, toHex } from "@aegis-pool/core";
import { jobTally, type JobTally } from "../../store/task-reads.js";
import type { Board } from "./board.js";
import type { Escrows } from "./escrows.js";
import type { MarketParts } from "./leases.js";
import type { AgentSession, LiveJob, LiveTask, Releaser } from "./live.js";
import { matchedMessage } from "./run-deadline.js";
import type { Transitions } from "./transitions.js";

/** What happens to a job as a whole. */
export class Jobs {
  readonly #board: Board;
  readonly #escrows: Escrows;
  readonly #transitions: Transitions;
  readonly #shortJobs: ShortJobs;
  readonly #sessions: ReadonlyMap<string, AgentSession>;
  readonly #database: pg.Pool;
  readonly #now: () => number;
  /** A job's releaser is here, perhaps again. */
  onArrived: (job: LiveJob) => void = () => undefined;
  /** A job's releaser is gone. */
  onLeft: (job: LiveJob) => void = () => undefined;

  constructor(market: MarketParts, database: pg.Pool) {
    this.#board = market.board;
    this.#escrows = market.escrows;
    this.#transitions = market.transitions;
    this.#shortJobs = market.shortJobs;
    this.#sessions = market.sessions;
    this.#database = database;
    this.#now = market.now;
  }

  /** Whether a key, in hexadecimal, is that of something else, and what it has set aside bound for that: it has no job meanwhile. */
  isBound: (key: string) => boolean = () => false;

  /** The job with this key; one that is not on the board goes on from what the database remembers of it. Whoever needs it for longer holds it. */
  async open(key: Uint8Array): Promise<LiveJob> {
    const id = toHex(key);
    const live = this.#board.jobs.get(id);
    if (live) return live;
    const tally = await jobTally(this.#database, key);
    if (this.isBound(id)) throw bound();
    return this.#board.jobs.get(id) ?? this.remember(key, tally);
  }

  /** Puts a job on the board with what is known of its past. */
  remember(key: Uint8Array, { lastSequence, escrow, ...counts }: JobTally): LiveJob {
    const job = this.#board.job(key);
    Object.assign(job.counts, counts);
    this.#escrows.remember(job, escrow);
    job.sequence = lastSequence;
    return job;
  }

  /** A releaser is there: the job's tasks are matched from now on. A second one takes the first one's place. */
  attach(job: LiveJob, releaser: Releaser): void {
    if (job.releaser !== releaser) job.releaser?.close("replaced by a newer connection");
    job.releaser = releaser;
    job.refused.clear();
    if (job.pausedUntil <= this.#now()) this.#board.matching.openJob(job.id, this.#shortJobs.has(job.id));
    for (const task of job.tasks.values()) this.#tellMatch(task, releaser);
    this.onArrived(job);
    this.#transitions.effects.onWaiting();
  }

  /** The releaser is gone: nothing new is matched; what waits for a key is freed by its deadline. */
  detach(job: LiveJob, releaser: Releaser): void {
    if (job.releaser === releaser) {
      job.releaser = undefined;
      this.#board.matching.closeJob(job.id);
      this.onLeft(job);
    }
    this.#board.forget(job);
  }

  /** A match that only the releaser before has heard of, if any: its agent still waits for the key. */
  #tellMatch({ number, lease, position }: LiveTask, releaser: Releaser): void {
    const session = lease && !lease.unsent && this.#sessions.get(lease.agent);
    if (position.state !== "matched" || !session || lease.deadline === Infinity) return;
    releaser.send(matchedMessage({ number, fence: position.fence }, releaser.aliasOf(session), lease));
  }

  /** Ends every task of the job that is not over; agents are told to stop. */
  cancel(job: LiveJob): void {
    for (const task of job.tasks.values()) this.cancelTask(task);
    job.releaser?.tellProgress(); // another process may have cancelled it
  }

  /** Ends one task that is not over. */
  cancelTask(task: LiveTask): void {
    const { lease, position } = task;
    if (this.#transitions.move(task, "cancel", 0)) return;
    this.#escrows.settled(task, 0n);
    const session = lease && this.#sessions.get(lease.agent);
    session?.send({ type: "revoke", number: task.number, fence: position.fence, reason: "cancelled" });
    this.#transitions.releaseAgent(task);
  }
}

function bound(): AegisError {
  return new AegisError({
    code: "run-refused",
    message:
      "This key is that of a federated run, and what it has set aside is for the run's committee until it is over.",
    next: "Make a key for each job.",
  });
}

import { fromHex, isReplicated, judgedRuns, maxLosses, type MoveRefusal, type TaskEvent } from "@aegis-pool/core";
import type { GroupCommit, WriteKind } from "../group-commit.js";
import { moveTaskRow, type TaskMove } from "../../store/task-writes.js";
import type { Board } from "./board.js";
import type { Escrows } from "./escrows.js";
import type { Holdings } from "./holdings.js";
import type { LiveTask } from "./live.js";
import type { EndedOutcome, UnsignedOutcome } from "./signed-outcomes.js";

/** What happens after a task has changed, beyond the change itself. */
export interface TransitionEffects {
  /** There may be something to match. */
  onWaiting(): void;
  /** The agent holds less than before. */
  onRoom(agent: string): void;
  /** A lease has ended, and its task waits again. */
  onLost(task: LiveTask): void;
  /** An agent was offered a task. */
  onOffered(agent: string): void;
  /** It has not taken so many, or given them back; `isAway`: since its connection was lost. */
  onMissed(agent: string, tasks: number, isAway?: boolean): void;
  /** An outcome is durable. */
  onOutcome(task: LiveTask, outcome: EndedOutcome): void;
}

/** How a task ended, but for what its job knows. */
type TaskOutcome = Omit<UnsignedOutcome, "sequence" | "job" | "number" | "keepsInput">;

/**
 * Moves tasks: in memory at once, so that whatever speaks of an old lease is refused from that moment, then in the
 * database. A task waits (again) only once the database says so too.
 */
export class Transitions {
  readonly #board: Board;
  readonly #commit: GroupCommit;
  readonly #holdings: Holdings;
  readonly #escrows: Escrows;
  readonly #outcomes: WriteKind<UnsignedOutcome, EndedOutcome>;
  effects: TransitionEffects = {
    onWaiting: () => undefined,
    onRoom: () => undefined,
    onLost: () => undefined,
    onOffered: () => undefined,
    onMissed: () => undefined,
    onOutcome: () => undefined,
  };

  constructor(parts: {
    board: Board;
    commit: GroupCommit;
    holdings: Holdings;
    escrows: Escrows;
    outcomes: WriteKind<UnsignedOutcome, EndedOutcome>;
  }) {
    this.#board = parts.board;
    this.#commit = parts.commit;
    this.#holdings = parts.holdings;
    this.#escrows = parts.escrows;
    this.#outcomes = parts.outcomes;
  }

  /** A write about `task`, after all writes about it before. */
  write<Operation, Answer>(task: LiveTask, kind: WriteKind<Operation, Answer>, operation: Operation): Promise<Answer> {
    const written = task.lastWrite.then(() => this.#commit.submit(kind, operation));
    task.lastWrite = written.catch(() => undefined); // a failed commit stops the pool; see GroupCommit
    return written;
  }

  /** Records in memory and on disk that `event` moved `task`; the caller goes on without waiting for the disk. */
  move(task: LiveTask, event: TaskEvent, fence: number, releasedAt?: number): MoveRefusal | undefined {
    const { lease, position } = task;
    const ended = lease && event !== "release" ? { agent: fromHex(lease.agent) ?? noKey, event } : undefined;
    const release = this.#board.hold(task.job); // a cancelled job's counts are read from the database once it is gone from here
    const refusal = this.#board.move(task, event, fence);
    if (refusal) release();
    else void this.#writeMove(task, { from: position.state, releasedAt, ended }).then(release);
    return refusal;
  }

  /** Ends a lease and queues the task again, or gives it up where it was lost too often while it ran. */
  requeue(task: LiveTask, event: TaskEvent, fence: number): MoveRefusal | undefined {
    const ran = task.position.state === "running";
    const refusal = this.move(task, event, fence);
    if (refusal) return refusal;
    if (ran) task.losses++;
    this.releaseAgent(task);
    void task.lastWrite.then(() => this.#wait(task));
    this.effects.onLost(task);
    return undefined;
  }

  /** Ends a task for good, with its outcome, its receipt and its payment in the same commit. */
  finish(task: LiveTask, event: "complete" | "fail" | "exhaust", outcome: TaskOutcome) {
    const refusal = this.#board.move(task, event, task.position.fence);
    if (refusal) return refusal;
    this.#escrows.settled(task, BigInt(outcome.receipt?.charge ?? 0));
    this.releaseAgent(task);
    void this.#record(task, outcome);
    return undefined;
  }

  /** Takes the task from its agent, whose room grows. */
  releaseAgent(task: LiveTask): void {
    const { lease } = task;
    if (!lease) return;
    this.#holdings.remove(lease.agent, task.number);
    task.lease = undefined;
    this.effects.onRoom(lease.agent);
  }

  /**
   * Outcomes are numbered when they are handed to the commit, not before: the order of a job's numbers is then the order
   * in which they become durable, and a releaser that has read up to one has missed none below it.
   */
  async #record(task: LiveTask, outcome: TaskOutcome): Promise<void> {
    const { number, job, group } = task;
    const release = this.#board.hold(job);
    await task.lastWrite;
    const keepsInput = isReplicated(group.requirements) || judgedRuns(group.requirements) !== undefined;
    const unsigned: UnsignedOutcome = { ...outcome, number, job: job.key, sequence: ++job.sequence, keepsInput };
    try {
      this.effects.onOutcome(task, await this.#commit.submit(this.#outcomes, unsigned));
    } catch {
      // a failed commit stops the pool
    } finally {
      release();
    }
  }

  #wait(task: LiveTask): void {
    if (task.position.state !== "queued") return; // cancelled meanwhile
    if (task.losses >= maxLosses) {
      this.finish(task, "exhaust", exhausted);
      return;
    }
    this.#board.enqueue(task);
    this.effects.onWaiting();
  }

  async #writeMove(task: LiveTask, rest: Pick<TaskMove, "from" | "releasedAt" | "ended">): Promise<void> {
    const { number, position } = task;
    const move = { number, fence: position.fence, to: position.state, ...rest };
    await this.write(task, moveTaskRow, move).catch(() => undefined); // a failed commit stops the pool
  }
}

const noKey = new Uint8Array(0);

const exhausted = {
  state: "failed",
  reason: "lost-too-often",
  agent: undefined,
  run: undefined,
  opened: undefined,
  receipt: undefined,
  result: undefined,
  log: undefined,
} as const;

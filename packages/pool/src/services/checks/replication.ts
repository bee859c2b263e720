import { type Primitives, readStatement, runStatement, type Signed, type ToPool } from "@aegis-pool/core";
import type { AgentSession, LiveJob } from "../market/live.js";
import type { Submissions } from "../market/submissions.js";
import type { Checkers } from "./checkers.js";
import { OpenCheck, type PoolRun, type Purpose } from "./open-check.js";

/** An agent shows what it has committed to within this time, in ms. */
const revealMs = 30_000;
/** A check that has not come a step further for so long is stuck, in ms: its requester answers nothing, or nobody who is here runs it. */
const stuckMs = 24 * 3_600_000;
/** Tasks that are run again at the same time, at most: the oldest makes room. */
const mostOpen = 10_000;

/** What running tasks again is built on. */
export interface ReplicationParts {
  readonly sessions: ReadonlyMap<string, AgentSession>;
  readonly submissions: Pick<Submissions, "replicate">;
  readonly primitives: Primitives;
  readonly checkers: Checkers;
  /** What agents have signed for these tasks, by number. */
  readonly runsOf: (numbers: readonly number[]) => Promise<ReadonlyMap<number, Signed>>;
  /** A task's signed manifest, where it is kept. */
  readonly manifestOf: (job: LiveJob, task: number) => Promise<Signed | undefined>;
  /** Ends a task that nobody has begun. */
  readonly drop: (number: number) => void;
  /** ms since 1970. */
  readonly now: () => number;
}

/** What comes of running a task again. */
export interface ReplicationEvents {
  /** One more run has ended. @returns those that are to show what they have, now that all have ended */
  onRun(check: OpenCheck, run: PoolRun): readonly PoolRun[];
  /** Those that were asked have shown what they have, or kept silent too long. */
  onAnswers(check: OpenCheck, answers: readonly (readonly [PoolRun, string])[], silent: readonly PoolRun[]): void;
  /** Nobody else can run it. */
  onAlone(check: OpenCheck): void;
  /** It has come to nothing. */
  onAbandoned(check: OpenCheck, why: string): void;
}

/**
 * Has tasks run again by other operators: asks their requesters for replicas, one after another, and their agents to show what
 * they have. A run is committed before another begins, and nobody shows anything before all have ended.
 */
export class Replication {
  readonly #parts: ReplicationParts;
  readonly #events: ReplicationEvents;
  /** Tasks that are run again, by the number of their first run, the oldest first. */
  readonly #open = new Map<number, OpenCheck>();
  /** The same by the number of each of their runs, also of one that has not ended. */
  readonly #byNumber = new Map<number, OpenCheck>();

  constructor(parts: ReplicationParts, events: ReplicationEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  find(task: number): OpenCheck | undefined {
    return this.#open.get(task);
  }

  begin(first: PoolRun, job: LiveJob, purpose: Purpose): OpenCheck {
    const check = new OpenCheck(first, job, purpose);
    check.changedAt = this.#parts.now();
    this.#open.set(check.task, check);
    this.#byNumber.set(first.number, check);
    const [oldest] = this.#open.values();
    if (oldest && this.#open.size > mostOpen) this.#events.onAbandoned(oldest, "too many are open");
    return check;
  }

  /** So many more operators are to run it. */
  want(check: OpenCheck, runs: number): void {
    check.wanted += runs;
    this.#ask(check);
  }

  /** The requester gives a task that is to be run again another number. @throws {AegisError} where it is not the same task */
  async replica(job: LiveJob, { of, manifest }: { readonly of: number; readonly manifest: Signed }): Promise<void> {
    const check = this.#open.get(of);
    if (check?.job !== job || check.wanted === 0) return;
    check.wanted--;
    const bars = (agent: string, operator: string) => !this.#parts.checkers.mayRun(check, agent, operator);
    try {
      const number = await this.#parts.submissions.replicate(job, manifest, { of, bars });
      if (number === undefined) return this.#events.onAbandoned(check, "the task cannot be queued again");
      check.numbers.add(number);
      check.changedAt = this.#parts.now();
      this.#byNumber.set(number, check);
    } catch (error) {
      this.#events.onAbandoned(check, "its replica is refused");
      throw error;
    }
  }

  /** The requester has no replica to give. */
  declined(job: LiveJob, of: number): void {
    const check = this.#open.get(of);
    if (check?.job === job && check.wanted > 0) this.#events.onAbandoned(check, "its requester has no replica of it");
  }

  /** A further run of a task has ended; @returns whether anybody had asked for it. */
  ended(task: number, number: number, run: PoolRun | undefined): boolean {
    const check = this.#open.get(task);
    if (!check?.numbers.has(number)) return false;
    if (!run) {
      this.#events.onAbandoned(check, "a run has no result to compare");
      return true;
    }
    check.add(run);
    check.changedAt = this.#parts.now();
    const asked = this.#events.onRun(check, run);
    if (asked.length > 0) void this.#reveal(check, asked);
    else if (this.#open.get(task) === check) this.#ask(check); // one after another: each is to be of an operator of its own
    return true;
  }

  /** An agent shows what it has committed to; @returns why that is not taken */
  revealed(session: AgentSession, message: Extract<ToPool, { type: "revealed" }>): "no-check" | undefined {
    const check = this.#byNumber.get(message.number);
    const isOwn = check?.run(message.number)?.agent === session.id;
    if (!check || !isOwn || !check.show(message, session.key, this.#parts.primitives)) return "no-check";
    const answers = check.answers();
    if (answers) this.#events.onAnswers(check, answers, []);
    return undefined;
  }

  /** An agent is here again: what it was asked to show while it was away, it has not heard. */
  returned({ id }: AgentSession): void {
    for (const check of this.#open.values())
      for (const run of check.silent) if (run.agent === id) void this.#askToShow(check, [run]);
  }

  /** Whether nothing has come of a check for long, though it waits. */
  isStuck({ changedAt }: OpenCheck): boolean {
    return this.#parts.now() - changedAt >= stuckMs;
  }

  /** The requester refuses the agent that was to check a task: whoever chooses who checks could have anybody called wrong. */
  refused(job: LiveJob, number: number): void {
    const check = this.#byNumber.get(number);
    if (check?.job === job && number !== check.task) this.#events.onAbandoned(check, "its requester refused an agent");
  }

  /** The requester has gone: what waits for it is not checked. */
  left(job: LiveJob): void {
    for (const check of this.#open.values())
      if (check.job === job) this.#events.onAbandoned(check, "its requester has gone");
  }

  /** Goes on without those that do not show what they have. */
  sweep(): void {
    const now = this.#parts.now();
    for (const check of this.#open.values()) {
      if (!check.isLate(now)) continue;
      const { silent, answers } = check.endSilence();
      this.#events.onAnswers(check, answers, silent);
    }
  }

  /** It is over, however it ended: what nobody has begun of it is not run. */
  end(check: OpenCheck): void {
    this.#open.delete(check.task);
    for (const number of check.numbers) {
      this.#byNumber.delete(number);
      if (!check.run(number)) this.#parts.drop(number);
    }
  }

  #ask(check: OpenCheck): void {
    const { releaser } = check.job;
    if (!releaser || !this.#parts.checkers.areHereFor(check)) return this.#events.onAlone(check);
    if (!check.isAnnounced && check.purpose !== "lesson") releaser.send({ type: "checking", number: check.task });
    check.isAnnounced = true;
    void this.#parts.manifestOf(check.job, check.task).then(
      (manifest) => this.#send(check, manifest),
      () => this.#send(check, undefined),
    );
  }

  #send(check: OpenCheck, manifest: Signed | undefined): void {
    if (this.#open.get(check.task) !== check) return; // given up meanwhile
    const { releaser } = check.job;
    if (!manifest || !releaser) return this.#events.onAbandoned(check, "its manifest or its requester is gone");
    const isLesson = check.purpose === "lesson";
    releaser.send({ type: "replicate", of: check.task, manifest, ...(isLesson && { lesson: true }) });
  }

  async #reveal(check: OpenCheck, asked: readonly PoolRun[]): Promise<void> {
    const signed = await this.#signedRuns(check);
    if (!signed) return;
    check.ask(new Map(asked.map((run) => [run, commitmentIn(signed.get(run.number))])), this.#parts.now() + revealMs);
    this.#tellAgents(check, asked, signed);
  }

  async #askToShow(check: OpenCheck, asked: readonly PoolRun[]): Promise<void> {
    const signed = await this.#signedRuns(check);
    if (signed) this.#tellAgents(check, asked, signed);
  }

  /** What all that take part have signed; undefined where the check is over, also where it is by this. */
  async #signedRuns(check: OpenCheck): Promise<ReadonlyMap<number, Signed> | undefined> {
    const { taking } = check;
    const signed = await this.#parts.runsOf(taking.map(({ number }) => number)).catch(() => new Map<number, Signed>());
    if (this.#open.get(check.task) !== check) return undefined; // given up meanwhile
    if (signed.size === taking.length) return signed;
    this.#events.onAbandoned(check, "a run is deleted");
    return undefined;
  }

  #tellAgents(check: OpenCheck, asked: readonly PoolRun[], signed: ReadonlyMap<number, Signed>): void {
    for (const { agent, number, fence } of asked) {
      const others = check.taking.filter((other) => other.agent !== agent);
      const theirs = others.flatMap((other) => signed.get(other.number) ?? []);
      const own = signed.get(number);
      if (own) this.#parts.sessions.get(agent)?.send({ type: "reveal", number, fence, own, others: theirs });
    }
  }
}

function commitmentIn(signed: Signed | undefined): Uint8Array {
  return (signed && readStatement(runStatement, signed)?.check?.commitment) ?? new Uint8Array(0);
}

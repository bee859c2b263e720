import type { FromReleaser, SettlementVerdict, Signed, ToReleaser } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import { recordJudgement } from "../../store/judgement-rows.js";
import type { GroupCommit } from "../group-commit.js";
import type { EndedOutcome } from "../market/signed-outcomes.js";
import type { LiveJob, LiveTask } from "../market/live.js";
import { Checkers } from "./checkers.js";
import { HeldResults, type HeldWrites } from "./held-results.js";
import { endedRun, type HeldBefore, type OpenCheck, type PoolRun } from "./open-check.js";
import { Replication, type ReplicationParts } from "./replication.js";

/** What judgements are built on. */
export interface JudgementParts extends Omit<ReplicationParts, "checkers"> {
  readonly commit: Pick<GroupCommit, "submit">;
  readonly writes: HeldWrites;
  readonly log: FastifyBaseLogger;
  readonly jobs: ReadonlyMap<string, LiveJob>;
  /** The operator of an enrolled agent, both by key in hexadecimal. */
  readonly operatorOf: (agent: string) => string | undefined;
  /** A task's sealed input where it is kept, and is no blob. */
  readonly inputOf: (job: LiveJob, task: number) => Promise<Uint8Array | undefined>;
  /** Counts what has come of a judgement. */
  readonly count: (outcome: JudgementOutcome) => void;
}

/** What came of a judgement: all was accepted; some was rejected, within a fair part or beyond it; or it was none. */
export type JudgementOutcome = "accepted" | "rejected" | "charged" | "refused";

/** Why a judgement is not taken. */
type JudgementRefusal = "nothing-to-judge" | "another-job" | "no-such-run" | "like-no-other" | "product-not-accepted";

type Judged = Extract<FromReleaser, { type: "judged" }>;
type Verdict = Extract<ToReleaser, { type: "checked" }>["verdict"];

/**
 * Results that their requester judges: it alone can compare outputs that need not be the same to the last bit, and check products. They
 * are held until its word comes, which nobody has to believe and nobody is punished for: trust is not touched, and whoever rejects more
 * than a fair part pays for what it rejects. Silence accepts.
 */
export class Judgements {
  readonly #parts: JudgementParts;
  readonly #held: HeldResults;
  readonly #replication: Replication;
  /** Runs whose requester is asked for its word, by the number of the task's first run: held ones all of them, so for a day at most. */
  readonly #waiting = new Map<number, readonly PoolRun[]>();

  constructor(parts: JudgementParts, held: readonly HeldBefore[]) {
    this.#parts = parts;
    this.#held = new HeldResults(parts.commit, parts.writes, parts.now);
    const checkers = new Checkers(parts.sessions, () => true); // its engine's results cannot earn trust: everybody may
    this.#replication = new Replication(
      { ...parts, checkers },
      {
        onRun: (check) => this.#ran(check),
        onAnswers: () => undefined, // nobody is asked to show anything
        onAlone: (check) => this.#goOnWith(check, "no other operator is here"),
        onAbandoned: (check, why) => this.#goOnWith(check, why),
      },
    );
    this.#restore(held);
  }

  /** Whether further runs of a task are under way, or its requester's word is waited for. */
  has(task: number): boolean {
    return this.#waiting.has(task) || this.#replication.find(task) !== undefined;
  }

  /** A task whose results are judged has ended, durably; its requester has not heard of it yet. */
  ended(task: LiveTask, outcome: EndedOutcome): void {
    const run = endedRun(task, outcome, this.#parts.operatorOf);
    if (run) this.#held.add(run);
    if (task.replicaOf !== undefined) {
      const isWanted = this.#replication.ended(task.replicaOf, task.number, run);
      if (!isWanted && run) this.#accept([run]);
    } else if (run?.isHeld && run.agreeing === 1) {
      this.#await(task.job, [run]);
    } else if (run?.isHeld) {
      const check = this.#replication.begin(run, task.job, "check");
      this.#replication.want(check, run.agreeing - 1);
    }
  }

  /** @throws {AegisError} where it is not the same task */
  replica(job: LiveJob, replica: { readonly of: number; readonly manifest: Signed }): Promise<void> {
    return this.#replication.replica(job, replica);
  }

  noReplica(job: LiveJob, of: number): void {
    this.#replication.declined(job, of);
  }

  refused(job: LiveJob, number: number): void {
    this.#replication.refused(job, number);
  }

  /** The requester has said which results it accepts. */
  judged(job: LiveJob, judged: Judged): void {
    const runs = this.#waiting.get(judged.number) ?? [];
    const why = refusalOf(job, runs, judged);
    if (why) {
      this.#parts.count("refused");
      return this.#parts.log.info({ task: judged.number, why }, "a judgement is not taken");
    }
    this.#waiting.delete(judged.number);
    void this.#conclude(job, runs, judged).catch(() => undefined); // a failed commit stops the pool
  }

  /** Whether the pool waits for a requester's word on one result alone, a product. */
  isAsked(job: LiveJob, number: number): boolean {
    const runs = this.#waiting.get(number);
    return runs?.length === 1 && runs[0]?.job === job.id;
  }

  /** It has been shown whether a product is wrong; @returns whether anybody still waited for that. Resolves when it is settled. */
  async shown(job: LiveJob, number: number, isWrong: boolean): Promise<boolean> {
    const runs = this.#waiting.get(number);
    if (!runs || !this.isAsked(job, number)) return false;
    this.#waiting.delete(number);
    await this.#conclude(job, runs, { number, accepted: isWrong ? [] : [number] });
    return true;
  }

  /** The requester is here (again): it may not have heard what it is asked. */
  arrived(job: LiveJob): void {
    for (const runs of this.#waiting.values()) if (runs[0]?.job === job.id) void this.#ask(job, runs);
  }

  /** What only runs with its help is over; its word on what has run it may still give when it comes back. */
  left(job: LiveJob): void {
    this.#replication.left(job);
  }

  /** Takes what nobody has judged for a day. */
  sweep(): void {
    for (const run of this.#held.aged()) this.#age(run);
  }

  #restore(before: readonly HeldBefore[]): void {
    const byTask = new Map<number, PoolRun[]>();
    for (const { run, heldAt } of before) {
      this.#held.add(run, heldAt);
      byTask.set(run.task, [...(byTask.get(run.task) ?? []), run]);
    }
    for (const [task, runs] of byTask) {
      if (runs.length === runs[0]?.agreeing) this.#waiting.set(task, runs);
      else this.#accept(runs); // further runs that were under way are forgotten
    }
  }

  #ran(check: OpenCheck): readonly PoolRun[] {
    const [first] = check.runs;
    if (check.runs.length === first?.agreeing) {
      this.#replication.end(check);
      this.#await(check.job, check.runs);
    }
    return [];
  }

  /** No further runs are to be had: those that have come are judged, or taken where there is one alone or nobody to judge. */
  #goOnWith(check: OpenCheck, why: string): void {
    this.#parts.log.debug({ task: check.task, why }, "a task is not run as often as it was to be");
    this.#replication.end(check);
    if (check.runs.length > 1 && check.job.releaser) return this.#await(check.job, check.runs);
    this.#accept(check.runs);
    this.#tell(check.job, check.task, "unchecked");
  }

  #await(job: LiveJob, runs: readonly PoolRun[]): void {
    const [first] = runs;
    if (!first) return;
    this.#waiting.set(first.task, runs);
    void this.#ask(job, runs);
  }

  async #ask(job: LiveJob, runs: readonly PoolRun[]): Promise<void> {
    const number = runs[0]?.task ?? 0;
    const given = runs.length === 1 ? await this.#givenTo(job, number).catch(() => ({})) : {};
    if (this.#waiting.get(number) !== runs) return; // given up meanwhile
    job.releaser?.send({ type: "judge", number, runs: runs.map((run) => run.number), ...given });
  }

  /** What a result is checked against: whoever comes back later has no more of it than its keys. */
  async #givenTo(job: LiveJob, task: number) {
    const { manifestOf, inputOf } = this.#parts;
    const [manifest, input] = await Promise.all([manifestOf(job, task), inputOf(job, task)]);
    return { ...(manifest && { manifest }), ...(input && { input }) };
  }

  async #conclude(
    job: LiveJob,
    runs: readonly PoolRun[],
    { number, accepted }: Pick<Judged, "number" | "accepted">,
  ): Promise<void> {
    const rejected = runs.length - accepted.length;
    const { commit, count, log } = this.#parts;
    const isFair = await commit.submit(recordJudgement, { job: job.key, accepted: accepted.length, rejected });
    const otherwise: SettlementVerdict = isFair ? "rejected" : "accepted";
    const settled = runs.map((run) =>
      accepted.includes(run.number)
        ? this.#held.settle(run, "agreed")
        : this.#held.settle(run, otherwise, { right: accepted[0] }),
    );
    await Promise.all(settled);
    count(rejected === 0 ? "accepted" : isFair ? "rejected" : "charged");
    if (!isFair)
      log.warn({ job: job.id.slice(0, 16), rejected }, "a requester rejects too much, and is charged for it");
    const isRight = accepted.includes(number);
    const verdict = isRight ? "right" : accepted.length > 0 || runs.length === 1 ? "wrong" : "nondeterministic";
    this.#tell(job, number, verdict, { right: isRight ? undefined : accepted[0], isCharged: !isFair });
  }

  #age(run: PoolRun): void {
    const check = this.#replication.find(run.task);
    if (check) return this.#goOnWith(check, "a day has passed");
    this.#accept(this.#waiting.get(run.task) ?? [run]);
    this.#waiting.delete(run.task);
    const job = this.#parts.jobs.get(run.job);
    if (job) this.#tell(job, run.task, "unchecked");
  }

  #accept(runs: readonly PoolRun[]): void {
    for (const run of runs) void this.#held.settle(run, "accepted");
  }

  #tell(
    { releaser }: LiveJob,
    number: number,
    verdict: Verdict,
    { right, isCharged = false }: { right?: number | undefined; isCharged?: boolean } = {},
  ): void {
    const more = { ...(right !== undefined && { right }), ...(isCharged && { charged: true as const }) };
    releaser?.send({ type: "checked", number, verdict, ...more });
  }
}

function refusalOf(
  job: LiveJob,
  runs: readonly PoolRun[],
  { accepted }: Pick<Judged, "accepted">,
): JudgementRefusal | undefined {
  const [first] = runs;
  if (!first) return "nothing-to-judge";
  if (first.job !== job.id) return "another-job";
  const numbers = new Set(runs.map(({ number }) => number));
  if (new Set(accepted).size < accepted.length || !accepted.every((number) => numbers.has(number)))
    return "no-such-run";
  // that a product is wrong anybody can show, so nobody's word counts for it
  if (runs.length === 1) return accepted.length === 1 ? undefined : "product-not-accepted";
  // what is like no other result is no more right than any other, and would be had for the price of one
  return accepted.length === 1 ? "like-no-other" : undefined;
}

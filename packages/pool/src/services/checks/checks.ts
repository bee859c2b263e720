import {
  isReplicated,
  quorumOf,
  type Signed,
  type ToPool,
  type ToReleaser,
  Verification,
  type VerificationEffect,
} from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type { TrustRow } from "../../store/trust-rows.js";
import type { AgentSession, LiveJob, LiveTask } from "../market/live.js";
import type { EndedOutcome } from "../market/signed-outcomes.js";
import { CheckRecords } from "./check-records.js";
import { Checkers } from "./checkers.js";
import { Consequences, type Final } from "./consequences.js";
import { HeldResults, type HeldWrites } from "./held-results.js";
import { Lessons } from "./lessons.js";
import { endedRun, type HeldBefore, type OpenCheck, type PoolRun, runnerOf } from "./open-check.js";
import { Replication, type ReplicationEvents, type ReplicationParts } from "./replication.js";
import type { GroupCommit } from "../group-commit.js";

/** What checks are built on. */
export interface CheckParts extends Omit<ReplicationParts, "checkers"> {
  readonly commit: Pick<GroupCommit, "submit">;
  readonly writes: HeldWrites;
  readonly log: FastifyBaseLogger;
  readonly jobs: ReadonlyMap<string, LiveJob>;
  /** The operator of an enrolled agent, both by key in hexadecimal. */
  readonly operatorOf: (agent: string) => string | undefined;
  /** An agent may run what it might not before. */
  readonly reconsider: (agent: string) => void;
  /** Numbers from 0 to 1 that nobody can foresee. */
  readonly random: () => number;
}

type Effect = VerificationEffect<PoolRun>;
type Verdict = Extract<ToReleaser, { type: "checked" }>["verdict"];

/** Decides which results of tasks that ask for it are checked, and sees to what follows: for trust, for money, for requesters. */
export class Checks {
  readonly #parts: CheckParts;
  readonly #verification: Verification<PoolRun>;
  readonly #checkers: Checkers;
  readonly #records: CheckRecords;
  readonly #held: HeldResults;
  readonly #replication: Replication;
  readonly #lessons: Lessons;
  readonly #consequences: Consequences;

  constructor(parts: CheckParts, known: readonly TrustRow[], held: readonly HeldBefore[]) {
    this.#parts = parts;
    this.#verification = new Verification(parts.random);
    this.#checkers = new Checkers(parts.sessions, (runner) => this.#verification.isTrusted(runner));
    this.#records = new CheckRecords(this.#verification, parts.commit, parts.now);
    this.#records.onTrusted = parts.reconsider;
    this.#held = new HeldResults(parts.commit, parts.writes, parts.now);
    this.#replication = new Replication({ ...parts, checkers: this.#checkers }, this.#events);
    this.#lessons = new Lessons(this.#verification, this.#replication, this.#held);
    this.#consequences = new Consequences(this.#held, this.#records);
    for (const row of known) this.#verification.restore(runnerOf(row.agent, row.engine), row);
    for (const before of held) this.#restore(before);
  }

  /** What is known of an agent's results with one engine. */
  trustOf(agent: string, engine: string): TrustRow {
    return this.#records.trustOf(agent, engine);
  }

  /** A dispute has ended by what others have run. */
  onDisputeEnded: (task: number, verdict: "right" | "wrong" | "nondeterministic") => Promise<void> = async () =>
    undefined;

  /** Whether an agent is too new to an engine to begin tasks whose results are held. */
  isNovice: Checkers["isNovice"] = (agent, engine) => this.#checkers.isNovice(agent, engine);

  /** Tells the requester, where it is here, how a result stands that is held; `right`: under which number a right one came. */
  tell(job: LiveJob, number: number, verdict: Verdict, right?: number): void {
    job.releaser?.send({ type: "checked", number, verdict, ...(right !== undefined && { right }) });
  }

  /** A result that is not final and not being checked either. */
  isTaken(number: number): boolean {
    return this.#held.has({ number }) && !this.isBeingChecked(number);
  }

  /** Whether a task is being run again now, by the number of its first run. */
  isBeingChecked(task: number): boolean {
    return this.#replication.find(task) !== undefined;
  }

  /**
   * A requester disputes a result that its agent has committed to: operators that have not run the task are asked, and one answer is to lead by
   * six. @param operators who has run it before, by key in hexadecimal
   */
  dispute(run: PoolRun, job: LiveJob, { answer, operators }: { answer: string; operators: readonly string[] }): void {
    const first = this.#held.find(run.number) ?? run;
    const check = this.#replication.begin(first, job, "dispute");
    for (const operator of operators) check.operators.add(operator);
    this.#follow(this.#verification.dispute(first, answer));
  }

  /** An agent has sent another result than it has committed to: it is wrong by its own signature. Resolves when that is durable. */
  async contradicted(run: PoolRun, job: LiveJob): Promise<void> {
    const first = this.#held.find(run.number) ?? run;
    const effects = this.#verification.contradicted(first);
    const isHeld = this.#held.has(first);
    const settled = isHeld ? this.#held.settle(first, "contradicted", { costs: [] }) : this.#held.indebt(first, []);
    await Promise.all([settled, this.#records.keep(first, "disproved", 1)]);
    this.tell(job, run.number, "wrong");
    for (const effect of effects) if (effect.kind === "replicate") this.#replicate(effect);
  }

  /** A task that may be checked has ended, durably; its requester has not heard of it yet. */
  ended(task: LiveTask, outcome: EndedOutcome): void {
    const { requirements } = task.group;
    if (!isReplicated(requirements)) return;
    const run = endedRun(task, outcome, this.#parts.operatorOf);
    if (run) this.#held.add(run);
    if (task.replicaOf !== undefined) return this.#replicated(task.replicaOf, task.number, run);
    if (!run) return;
    this.#records.changed(run);
    const quorum = quorumOf(requirements);
    this.#follow(quorum ? this.#verification.completed(run, quorum.always) : this.#verification.taken(run));
  }

  /** The requester gives a task that is to be run again another number. @throws {AegisError} where it is not the same task */
  replica(job: LiveJob, replica: { readonly of: number; readonly manifest: Signed }): Promise<void> {
    return this.#replication.replica(job, replica);
  }

  /** The requester has none to give. */
  noReplica(job: LiveJob, of: number): void {
    this.#replication.declined(job, of);
  }

  /** An agent shows what it has committed to; @returns why that is not taken */
  revealed(session: AgentSession, message: Extract<ToPool, { type: "revealed" }>): "no-check" | undefined {
    return this.#replication.revealed(session, message);
  }

  /** The requester refuses an agent. */
  refused(job: LiveJob, number: number): void {
    this.#replication.refused(job, number);
  }

  /** The requester is here (again): what had to wait for it is checked. */
  arrived(job: LiveJob): void {
    for (const run of this.#held.suspectsOf(job.id))
      if (this.#held.has(run)) this.#follow(this.#verification.check(run));
  }

  /** An agent is here, perhaps again. */
  returned(session: AgentSession): void {
    this.#replication.returned(session);
  }

  left(job: LiveJob): void {
    this.#replication.left(job);
  }

  /** Goes on where somebody keeps silent, looks after what has been held for long, and writes down what is known. */
  async sweep(): Promise<void> {
    this.#replication.sweep();
    for (const run of this.#held.aged()) this.#age(run);
    const { sessions, reconsider, log } = this.#parts;
    if (this.#checkers.refresh(log)) for (const agent of sessions.keys()) reconsider(agent);
    await this.#records.writeChanged();
  }

  readonly #events: ReplicationEvents = {
    onRun: (check, run) => {
      if (check.purpose === "lesson") return [run];
      const [effect] = this.#verification.replicated(run);
      return effect?.kind === "reveal" ? effect.runs : [];
    },
    onAnswers: (check, answers, silent) => {
      if (check.purpose === "lesson") return this.#follow(this.#lessons.end(check, answers, silent));
      for (const run of silent) this.#silenced(run, check);
      if (check.taking.length === 0) return this.#abandon(check, "nobody shows what it has");
      this.#follow(this.#verification.revealed(check.task, answers));
    },
    onAlone: (check) => this.#doWithout(check),
    onAbandoned: (check, why) => this.#abandon(check, why),
  };

  #restore({ run, heldAt, isReplica }: HeldBefore): void {
    this.#held.add(run, heldAt);
    // what was being checked, and which checks its agent has passed since, is forgotten: who has only looked after others is paid, the rest waits for its agent's next checks
    if (isReplica) void this.#held.settle(run, "accepted");
    else this.#verification.hold(run);
  }

  #replicated(first: number, number: number, run: PoolRun | undefined): void {
    if (run) this.#records.changed(run);
    if (!this.#replication.ended(first, number, run) && run) void this.#held.settle(run, "accepted");
  }

  #follow(effects: readonly Effect[]): void {
    const [first] = effects;
    const check = first && this.#replication.find("run" in first ? first.run.task : first.task);
    for (const effect of effects) this.#do(effect, check);
    const isDecided = effects.some(({ kind }) => kind === "final" || kind === "nondeterministic");
    if (check && isDecided) this.#conclude(check, effects);
    if (check && effects.some(({ kind }) => kind === "train")) this.#lessons.begin(check);
  }

  #do(effect: Effect, decided: OpenCheck | undefined): void {
    if (effect.kind === "replicate") this.#replicate(effect);
    else if (effect.kind === "held" && effect.run.number === effect.run.task) this.#tell(effect.run, "held");
    else if (effect.kind === "final" && effect.task !== decided?.task) this.#trusted(effect);
    else if (effect.kind === "failed-training") void this.#held.settle(effect.run, "failed-training");
  }

  #replicate({ first, runs }: Extract<Effect, { kind: "replicate" }>): void {
    const check = this.#replication.find(first.task) ?? this.#begin(first);
    if (check) return this.#replication.want(check, runs);
    this.#verification.abandon(first.task);
    this.#held.suspect(first);
  }

  #begin(first: PoolRun): OpenCheck | undefined {
    const job = this.#parts.jobs.get(first.job);
    return job?.releaser && this.#replication.begin(first, job, "check");
  }

  /** Its agent has passed further checks since. */
  #trusted({ paid }: Final): void {
    for (const run of paid) {
      this.#tell(run, "final");
      void this.#held.settle(run, "trusted");
    }
  }

  /** Nobody else can run it: two that agree are believed without a third. */
  #doWithout(check: OpenCheck): void {
    if (check.purpose === "lesson") return this.#abandon(check, "no novice is here");
    const effects = this.#verification.unavailable(check.task);
    if (effects.length > 0) this.#follow(effects);
    else this.#abandon(check, check.job.releaser ? "no other operator is here" : "its requester has gone");
  }

  /** A run that was silent is not paid, and what else is held of its agent is checked. */
  #silenced(run: PoolRun, check: OpenCheck): void {
    this.#follow(this.#verification.silent(run));
    void this.#held.settle(run, "silent");
    void this.#records.keep(run, "silent", check.runs.length);
  }

  #abandon(check: OpenCheck, why: string): void {
    this.#parts.log.debug({ task: check.task, why }, "a check is given up");
    if (check.purpose === "lesson") return this.#lessons.abandon(check);
    this.#replication.end(check);
    this.#verification.abandon(check.task);
    const first = check.taking.find(({ number }) => number === check.task);
    const others = check.taking.filter((run) => run !== first);
    for (const run of others) void this.#held.settle(run, "accepted");
    const kept = check.taking.map((run) => this.#records.keep(run, "abandoned", check.runs.length));
    if (first && this.#held.has(first)) this.#follow(this.#verification.hold(first));
    else if (check.isAnnounced) {
      const instead = first ? undefined : others[0]?.number; // of who has kept silent nothing is taken
      void Promise.all(kept).then(() => this.tell(check.job, check.task, "unchecked", instead));
    }
  }

  #conclude(check: OpenCheck, effects: readonly Effect[]): void {
    const { log } = this.#parts;
    this.#replication.end(check);
    const { verdict, right, settled } = this.#consequences.of(check, effects);
    const ended = check.purpose === "dispute" ? this.onDisputeEnded(check.task, verdict) : Promise.resolve();
    ended.catch((error: unknown) => log.error({ err: error, task: check.task }, "how a dispute ended is not written"));
    if (check.isAnnounced) void settled.then(() => this.tell(check.job, check.task, verdict, right));
    if (verdict === "wrong") log.warn({ agent: check.run(check.task)?.agent.slice(0, 16) }, "a result is disproved");
  }

  /** Held for a day: it is checked where its requester is here, and taken where nobody is, or where nothing comes of the check. */
  #age(run: PoolRun): void {
    if (!this.#held.has(run)) return; // settled with another that was as old
    const check = this.#replication.find(run.task);
    if (check && !this.#replication.isStuck(check)) return;
    if (check) this.#abandon(check, "nothing has come of it for a day");
    else if (this.#parts.jobs.get(run.job)?.releaser) return this.#follow(this.#verification.check(run));
    this.#verification.accept(run);
    void this.#held.settle(run, "accepted");
  }

  #tell({ job, number }: PoolRun, verdict: Verdict): void {
    const live = this.#parts.jobs.get(job);
    if (live) this.tell(live, number, verdict);
  }
}

import {
  fromCbor,
  quorumOf,
  type SettlementVerdict,
  type Signed,
  toHex,
  type ToPool,
  type ToReleaser,
  Verification,
  type VerificationEffect,
} from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type { Outcome } from "../../store/task-writes.js";
import type { CheckVerdict, TrustRow } from "../../store/trust-rows.js";
import type { AgentSession, LiveJob, LiveTask } from "../market/live.js";
import { CheckRecords } from "./check-records.js";
import { Checkers } from "./checkers.js";
import { HeldResults } from "./held-results.js";
import { type OpenCheck, type PoolRun, runnerOf, runOf } from "./open-check.js";
import { Replication, type ReplicationEvents, type ReplicationParts } from "./replication.js";
import type { Settlement } from "./settlements.js";
import type { GroupCommit, WriteKind } from "../group-commit.js";

/** What checks are built on. */
export interface CheckParts extends Omit<ReplicationParts, "checkers"> {
  readonly commit: Pick<GroupCommit, "submit">;
  readonly settle: WriteKind<Settlement, boolean>;
  readonly log: FastifyBaseLogger;
  readonly jobs: ReadonlyMap<string, LiveJob>;
  /** The operator of an enrolled agent, both by key in hexadecimal. */
  readonly operatorOf: (agent: string) => string | undefined;
  /** An agent may run what it might not before. */
  readonly reconsider: (agent: string) => void;
  /** Numbers from 0 to 1 that nobody can foresee. */
  readonly random: () => number;
}

/** A result from before that is not final. */
export interface HeldBefore {
  readonly run: PoolRun;
  readonly heldAt: number;
  /** How many checks its agent had passed when it was taken without one; undefined: it was being checked. */
  readonly passed: number | undefined;
  readonly isReplica: boolean;
}

type Effect = VerificationEffect<PoolRun>;
type Final = Extract<Effect, { kind: "final" }>;
type Verdict = Extract<ToReleaser, { type: "checked" }>["verdict"];

/** Decides which results of tasks that ask for it are checked, and sees to what follows: for trust, for money, for requesters. */
export class Checks {
  readonly #parts: CheckParts;
  readonly #verification: Verification<PoolRun>;
  readonly #checkers: Checkers;
  readonly #records: CheckRecords;
  readonly #held: HeldResults;
  readonly #replication: Replication;

  constructor(parts: CheckParts, known: readonly TrustRow[], held: readonly HeldBefore[]) {
    this.#parts = parts;
    this.#verification = new Verification(parts.random);
    this.#checkers = new Checkers(parts.sessions, (runner) => this.#verification.isTrusted(runner));
    this.#records = new CheckRecords(this.#verification, parts.commit, parts.now);
    this.#records.onTrusted = parts.reconsider;
    this.#held = new HeldResults(parts.commit, parts.settle, parts.now);
    this.#replication = new Replication({ ...parts, checkers: this.#checkers }, this.#events);
    for (const row of known) this.#verification.restore(runnerOf(row.agent, row.engine), row);
    for (const before of held) this.#restore(before);
  }

  /** What is known of an agent's results with one engine. */
  trustOf(agent: string, engine: string): TrustRow {
    return this.#records.trustOf(agent, engine);
  }

  /** Whether an agent is too new to an engine to begin tasks whose results are held. */
  isNovice: Checkers["isNovice"] = (agent, engine) => this.#checkers.isNovice(agent, engine);

  /** Tells the requester, where it is here, how a result stands that is held; `right`: under which number a right one came. */
  tell(job: LiveJob, number: number, verdict: Verdict, right?: number): void {
    job.releaser?.send({ type: "checked", number, verdict, ...(right !== undefined && { right }) });
  }

  /** A result that is not final and not being checked either. */
  isTaken(number: number): boolean {
    return this.#replication.find(number) === undefined;
  }

  /** A task that may be checked has ended, durably; its requester has not heard of it yet. */
  ended(task: LiveTask, outcome: Outcome): void {
    const { requirements } = task.group;
    if (!requirements.verification) return;
    const first = task.replicaOf ?? task.number;
    const operator = outcome.agent && this.#parts.operatorOf(toHex(outcome.agent));
    const signed = outcome.run && (fromCbor(outcome.run) as Signed);
    const of = { task: first, number: task.number, job: task.job.key, requirements };
    const run = operator === undefined ? undefined : runOf(signed, { ...of, operator });
    if (run) this.#held.add(run);
    if (task.replicaOf !== undefined) return this.#replicated(first, task.number, run);
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
    this.#countTrusted();
    await this.#records.writeChanged();
  }

  #countTrusted(): void {
    const { sessions, reconsider, log } = this.#parts;
    const { opened, closed } = this.#checkers.refresh();
    if (closed.length > 0) log.info({ engines: closed }, "enough operators are trusted: novices begin no held tasks");
    if (opened.length === 0) return;
    log.info({ engines: opened }, "too few operators are trusted: novices begin held tasks too");
    for (const agent of sessions.keys()) reconsider(agent);
  }

  readonly #events: ReplicationEvents = {
    onRun: (check, run) => {
      if (check.purpose === "lesson") return [run];
      const [effect] = this.#verification.replicated(run);
      return effect?.kind === "reveal" ? effect.runs : [];
    },
    onAnswers: (check, answers, silent) => {
      if (check.purpose === "lesson") return this.#taught(check, answers, silent);
      for (const run of silent) this.#silenced(run, check);
      if (check.taking.length === 0) return this.#abandon(check, "nobody shows what it has");
      this.#follow(this.#verification.revealed(check.task, answers));
    },
    onAlone: (check) => this.#doWithout(check),
    onAbandoned: (check, why) => this.#abandon(check, why),
  };

  #restore({ run, heldAt, passed, isReplica }: HeldBefore): void {
    this.#held.add(run, heldAt);
    // what was being checked is forgotten: who has only looked after others is paid, the rest waits for its agent's next checks
    if (isReplica) void this.#held.settle(run, "accepted");
    else this.#verification.restoreHeld(run, passed ?? this.#records.trustOf(run.agent, run.engine).passed);
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
    for (const effect of effects) if (effect.kind === "train") this.#teach(effect, check);
  }

  #do(effect: Effect, decided: OpenCheck | undefined): void {
    if (effect.kind === "replicate") this.#replicate(effect);
    else if (effect.kind === "held") this.#take(effect.run);
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

  #take(run: PoolRun): void {
    this.#held.taken(run, this.#records.trustOf(run.agent, run.engine).passed);
    if (run.number === run.task) this.#tell(run, "held");
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
    this.#replication.end(check);
    if (check.purpose === "lesson") return this.#untaught(check);
    this.#verification.abandon(check.task);
    const first = check.taking.find(({ number }) => number === check.task);
    const others = check.taking.filter((run) => run !== first);
    for (const run of others) void this.#held.settle(run, "accepted");
    const kept = check.taking.map((run) => this.#records.keep(run, "abandoned", check.runs.length));
    if (first?.isHeld) this.#follow(this.#verification.hold(first));
    else if (check.isAnnounced) {
      const instead = first ? undefined : others[0]?.number; // of who has kept silent nothing is taken
      void Promise.all(kept).then(() => this.tell(check.job, check.task, "unchecked", instead));
    }
  }

  #conclude(check: OpenCheck, effects: readonly Effect[]): void {
    this.#replication.end(check);
    const final = effects.find((effect): effect is Final => effect.kind === "final" && effect.task === check.task);
    const right = final && [...final.paid, ...final.extra];
    const settled = check.taking.map((run) => this.#settle(run, check, { effects, final }));
    const isWrong = right && !right.some(({ number }) => number === check.task);
    const verdict = right ? (isWrong ? "wrong" : "right") : "nondeterministic";
    if (check.isAnnounced)
      void Promise.all(settled).then(() =>
        this.tell(check.job, check.task, verdict, isWrong ? right[0]?.number : undefined),
      );
    if (isWrong) this.#parts.log.warn({ agent: check.run(check.task)?.agent.slice(0, 16) }, "a result is disproved");
  }

  /** What a verdict means for one of the runs; resolves when it is durable. */
  async #settle(
    run: PoolRun,
    check: OpenCheck,
    { effects, final }: { effects: readonly Effect[]; final?: Final | undefined },
  ) {
    const wrong = effects.flatMap((effect) => (effect.kind === "disproved" ? [effect] : []));
    const disproved = wrong.find((effect) => effect.run === run);
    const verdict: CheckVerdict = disproved
      ? "disproved"
      : !final
        ? "nondeterministic"
        : run.number === check.task
          ? "passed"
          : "confirmed";
    const how: SettlementVerdict = disproved ? "disproved" : final ? "agreed" : "nondeterministic";
    // of several that are wrong the first to be punished owes for what finding out has cost
    const owing = wrong.find(({ isForgiven }) => !isForgiven);
    const costs = disproved?.isForgiven === false ? (disproved === owing ? final?.extra : []) : undefined;
    const why = disproved && { right: final?.paid[0]?.number, costs: costs?.map(({ number }) => number) };
    await Promise.all([this.#held.settle(run, how, why), this.#records.keep(run, verdict, check.runs.length)]);
  }

  #teach({ task }: Extract<Effect, { kind: "train" }>, check: OpenCheck | undefined): void {
    const right = check?.taking[0];
    if (!check || !right?.isHeld || !check.job.releaser) return this.#verification.untaught(task);
    const lesson = this.#replication.begin(right, check.job, "lesson");
    for (const operator of check.operators) lesson.operators.add(operator);
    this.#replication.want(lesson, 1);
  }

  #taught(lesson: OpenCheck, [answer]: readonly (readonly [PoolRun, string])[], silent: readonly PoolRun[]): void {
    this.#replication.end(lesson);
    lesson.job.releaser?.send({ type: "taught", number: lesson.task });
    for (const run of silent) void this.#held.settle(run, "silent");
    if (answer) this.#follow(this.#verification.trained(...answer));
    else this.#verification.untaught(lesson.task);
  }

  /** A lesson has come to nothing: what a novice has run all the same is held like other work of its. */
  #untaught(lesson: OpenCheck): void {
    this.#verification.untaught(lesson.task);
    if (lesson.isAnnounced) lesson.job.releaser?.send({ type: "taught", number: lesson.task });
    const novice = lesson.runs.find(({ number }) => number !== lesson.task && this.#held.has({ number } as PoolRun));
    if (novice) void this.#held.settle(novice, "accepted");
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

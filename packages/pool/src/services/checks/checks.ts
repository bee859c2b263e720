import {
  isReplicated,
  lendsEngine,
  type Primitives,
  type Signed,
  toHex,
  type ToPool,
  Verification,
  type VerificationEffect,
  verificationRules,
} from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import type { Outcome } from "../../store/task-writes.js";
import { allTrust, type CheckVerdict, insertCheck, type TrustRow, writeTrust } from "../../store/trust-rows.js";
import type { GroupCommit } from "../group-commit.js";
import type { AgentSession, LiveJob, LiveTask } from "../market/live.js";
import type { Submissions } from "../market/submissions.js";
import { OpenCheck, type PoolRun, runnerOf, runOf } from "./open-check.js";

/** An agent shows what it has committed to within this time, in ms. */
const revealMs = 30_000;
/** Tasks that are checked at the same time, at most: the oldest makes room. */
const mostOpen = 10_000;
/** With fewer trusted operators than this, whoever is here checks others. */
const enoughTrusted = 20;

/** What checks are built on. */
export interface CheckParts {
  readonly sessions: ReadonlyMap<string, AgentSession>;
  readonly submissions: Pick<Submissions, "replicate">;
  readonly commit: Pick<GroupCommit, "submit">;
  readonly primitives: Primitives;
  readonly log: FastifyBaseLogger;
  /** The operator of an enrolled agent, both by key in hexadecimal. */
  readonly operatorOf: (agent: string) => string | undefined;
  /** Ends a task that nobody has begun. */
  readonly drop: (number: number) => void;
  /** Numbers from 0 to 1 that nobody can foresee. */
  readonly random: () => number;
  /** ms since 1970. */
  readonly now: () => number;
}

/** What the effects of verification that nobody here asks for would be: this pool's tasks are taken as they come, not held. */
const rules = { ...verificationRules, trainingProbability: 0 };

/**
 * Has some results of tasks that ask for it checked: by a second operator, then by as many as it takes. A run is committed before
 * another begins, and nobody shows what it has before all have ended.
 */
export class Checks {
  readonly #parts: CheckParts;
  readonly #verification: Verification<PoolRun>;
  /** Tasks that are being checked, by the number of their first run, the oldest first. */
  readonly #open = new Map<number, OpenCheck>();
  /** The same by the number of each of their runs, also of one that has not ended. */
  readonly #byNumber = new Map<number, OpenCheck>();
  /** Runners of whom more is known than is written. */
  readonly #unwritten = new Map<string, Pick<TrustRow, "agent" | "engine">>();

  private constructor(parts: CheckParts, known: readonly TrustRow[]) {
    this.#parts = parts;
    this.#verification = new Verification(parts.random, 2, rules);
    for (const row of known) this.#verification.restore(runnerOf(row.agent, row.engine), row);
  }

  static async open(parts: CheckParts, database: pg.Pool): Promise<Checks> {
    return new Checks(parts, await allTrust(database));
  }

  /** What is known of an agent's results with one engine. */
  trustOf(agent: string, engine: string): TrustRow {
    const { valid, passed, disproved } = this.#verification.trustOf(runnerOf(agent, engine));
    return { agent, engine, valid, passed, disproved };
  }

  /** A task that may be checked has ended, durably; its requester has not heard of it yet. */
  ended(task: LiveTask, outcome: Outcome): void {
    const { requirements } = task.group;
    if (!isReplicated(requirements)) return;
    const { engine } = requirements;
    const first = task.replicaOf ?? task.number;
    const operator = outcome.agent && this.#parts.operatorOf(toHex(outcome.agent));
    const run = operator === undefined ? undefined : runOf(outcome, { task: first, engine, operator });
    if (task.replicaOf !== undefined) return this.#replicated(first, run);
    if (!run) return;
    this.#unwritten.set(run.runner, run);
    this.#follow(this.#verification.taken(run), () => this.#begin(run, task.job));
  }

  /** The requester gives a task that is to be checked another number. @throws {AegisError} where it is not the same task */
  async replica(job: LiveJob, { of, manifest }: { readonly of: number; readonly manifest: Signed }): Promise<void> {
    const check = this.#open.get(of);
    if (check?.job !== job || check.wanted === 0) return;
    check.wanted--;
    const bars = (agent: string, operator: string) => check.operators.has(operator) || !this.#mayCheck(agent, check);
    try {
      const number = await this.#parts.submissions.replicate(job, manifest, { of, bars });
      if (number === undefined) return this.#abandon(check, "the task cannot be queued again");
      check.numbers.add(number);
      this.#byNumber.set(number, check);
    } catch (error) {
      this.#abandon(check, "its replica is refused");
      throw error;
    }
  }

  /** An agent shows what it has committed to; @returns why that is not taken */
  revealed(session: AgentSession, message: Extract<ToPool, { type: "revealed" }>): "no-check" | undefined {
    const check = this.#byNumber.get(message.number);
    const isOwn = check?.run(message.number)?.agent === session.id;
    if (!check || !isOwn || !check.show(message, session.key, this.#parts.primitives)) return "no-check";
    const answers = check.answers();
    if (answers) this.#follow(this.#verification.revealed(check.task, answers));
    return undefined;
  }

  /** The requester refuses the agent that was to check a task: whoever chooses who checks could have anybody called wrong. */
  refused(job: LiveJob, number: number): void {
    const check = this.#byNumber.get(number);
    if (check?.job === job && number !== check.task) this.#abandon(check, "its requester has refused an agent");
  }

  /** The requester has gone: what waits for it is not checked. */
  left(job: LiveJob): void {
    for (const check of this.#open.values()) if (check.job === job) this.#abandon(check, "its requester has gone");
  }

  /** Ends checks in which somebody does not show what it has, and writes down what is known. */
  async sweep(): Promise<void> {
    const now = this.#parts.now();
    for (const check of this.#open.values()) if (check.isLate(now)) this.#endSilence(check);
    const unwritten = [...this.#unwritten.values()];
    this.#unwritten.clear();
    await Promise.all(unwritten.map(({ agent, engine }) => this.#write(agent, engine)));
  }

  #begin(run: PoolRun, job: LiveJob): void {
    const check = new OpenCheck(run, job);
    this.#open.set(check.task, check);
    this.#byNumber.set(check.task, check);
    const [oldest] = this.#open.values();
    if (oldest && this.#open.size > mostOpen) this.#abandon(oldest, "too many are open");
  }

  #replicated(first: number, run: PoolRun | undefined): void {
    const check = this.#open.get(first);
    if (!check) return;
    if (!run) return this.#abandon(check, "a run has no result to compare");
    check.add(run);
    const effects = this.#verification.replicated(run);
    if (effects.length === 0) this.#ask(check); // one after another: each is to be of an operator of its own
    this.#follow(effects);
  }

  #follow(effects: readonly VerificationEffect<PoolRun>[], begin: () => void = () => undefined): void {
    const [first] = effects;
    if (first?.kind === "replicate" && !this.#open.has(first.task)) begin();
    const check = first && this.#open.get(taskOf(first));
    if (!check) return;
    for (const effect of effects) this.#do(effect, check);
    if (effects.some(({ kind }) => kind === "final" || kind === "nondeterministic")) this.#conclude(check, effects);
  }

  #do(effect: VerificationEffect<PoolRun>, check: OpenCheck): void {
    if (effect.kind === "replicate") {
      check.wanted += effect.runs;
      this.#ask(check);
    }
    if (effect.kind === "reveal") this.#reveal(check, effect.runs);
  }

  #ask(check: OpenCheck): void {
    const { releaser } = check.job;
    if (!releaser || !this.#hasChecker(check)) return this.#doWithout(check);
    check.isAnnounced = true;
    releaser.send({ type: "replicate", of: check.task });
  }

  /** Nobody else can run it: two that agree are believed without a third. */
  #doWithout(check: OpenCheck): void {
    const effects = this.#verification.unavailable(check.task);
    if (effects.length > 0) this.#conclude(check, effects);
    else this.#abandon(check, check.job.releaser ? "no other operator is here" : "its requester has gone");
  }

  /** Whether anybody is here who could run it: in a pool of one operator nobody is. */
  #hasChecker({ engine, operators }: OpenCheck): boolean {
    for (const { offer, operatorKey } of this.#parts.sessions.values())
      if (lendsEngine(offer, engine) && !operators.has(toHex(operatorKey))) return true;
    return false;
  }

  #reveal(check: OpenCheck, runs: readonly PoolRun[]): void {
    check.ask(runs, this.#parts.now() + revealMs);
    for (const { agent, number, fence } of runs) {
      const others = check.runs.filter((other) => other.agent !== agent).map(({ signed }) => signed);
      this.#parts.sessions.get(agent)?.send({ type: "reveal", number, fence, others });
    }
  }

  #endSilence(check: OpenCheck): void {
    const { silent } = check;
    for (const run of silent) this.#verification.silent(run);
    this.#end(check, (run) => (silent.includes(run) ? "silent" : "abandoned"), "unchecked");
  }

  #abandon(check: OpenCheck, why: string): void {
    this.#parts.log.debug({ task: check.task, why }, "a check is given up");
    this.#verification.abandon(check.task);
    this.#end(check, () => "abandoned", "unchecked");
  }

  #conclude(check: OpenCheck, effects: readonly VerificationEffect<PoolRun>[]): void {
    const isDecided = effects.some(({ kind }) => kind === "final");
    const wrong = new Set(effects.flatMap((effect) => (effect.kind === "disproved" ? effect.run : [])));
    const verdictOf = (run: PoolRun): CheckVerdict => {
      if (!isDecided) return "nondeterministic";
      if (wrong.has(run)) return "disproved";
      return run.number === check.task ? "passed" : "confirmed";
    };
    const first = check.run(check.task);
    const right = first && wrong.has(first) ? "wrong" : "right";
    this.#end(check, verdictOf, isDecided ? right : "nondeterministic");
  }

  /** The check is over: its requester hears of it, and what it meant for each agent is kept. */
  #end(
    check: OpenCheck,
    verdictOf: (run: PoolRun) => CheckVerdict,
    verdict: "right" | "wrong" | "nondeterministic" | "unchecked",
  ): void {
    const { runs, task, job } = check;
    this.#open.delete(task);
    for (const number of check.numbers) {
      this.#byNumber.delete(number);
      if (!check.run(number)) this.#parts.drop(number);
    }
    const kept = runs.map((run) => this.#keep(run, verdictOf(run), runs.length));
    if (check.isAnnounced)
      void Promise.all(kept).then(() => job.releaser?.send({ type: "checked", number: task, verdict }));
    if (verdict === "wrong")
      this.#parts.log.warn({ agent: check.run(task)?.agent.slice(0, 16) }, "a result is disproved");
  }

  async #keep({ agent, engine, number }: PoolRun, verdict: CheckVerdict, runs: number): Promise<void> {
    const { valid } = this.trustOf(agent, engine);
    const row = { agent, engine, number, verdict, runs, valid, at: this.#parts.now() };
    const kept = this.#parts.commit.submit(insertCheck, row);
    await Promise.all([kept, this.#write(agent, engine)]).catch(() => undefined); // a failed commit stops the pool
  }

  #write(agent: string, engine: string): Promise<unknown> {
    return this.#parts.commit.submit(writeTrust, this.trustOf(agent, engine)).catch(() => undefined); // as above
  }

  /** Only who is trusted checks others, once enough are. */
  #mayCheck(agent: string, { engine }: OpenCheck): boolean {
    return this.#verification.isTrusted(runnerOf(agent, engine)) || this.#trustedOperators(engine) < enoughTrusted;
  }

  #trustedOperators(engine: string): number {
    const operators = new Set<string>();
    for (const { id, operatorKey } of this.#parts.sessions.values()) {
      if (this.#verification.isTrusted(runnerOf(id, engine))) operators.add(toHex(operatorKey));
      if (operators.size >= enoughTrusted) break;
    }
    return operators.size;
  }
}

function taskOf(effect: VerificationEffect<PoolRun>): number {
  return "run" in effect ? effect.run.task : effect.task;
}

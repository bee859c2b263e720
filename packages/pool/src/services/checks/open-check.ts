import {
  type CheckedRun,
  commitmentTo,
  type EngineName,
  equalBytes,
  isComparable,
  isHeldFor,
  isReplicated,
  judgedRuns,
  type Primitives,
  quorumOf,
  type Requirements,
  type RunStatement,
  toHex,
  type ToPool,
} from "@aegis-pool/core";
import type { LiveJob, LiveTask } from "../market/live.js";
import type { EndedOutcome } from "../market/signed-outcomes.js";

/** A run of a task that may be checked. There are many: what its agent has signed is in the database. */
export interface PoolRun extends CheckedRun {
  /** The number under which its agent knows the task. */
  readonly number: number;
  readonly fence: number;
  /** The agent's key in hexadecimal, and its job's. */
  readonly agent: string;
  readonly job: string;
  readonly engine: EngineName;
  /** It is paid when its result is final. */
  readonly isHeld: boolean;
  /** What it says that it used: held against the others' as its result is. */
  readonly fuel: number | undefined;
}

/** What a run is of. */
export interface RunOf {
  readonly task: number;
  readonly number: number;
  readonly job: Uint8Array;
  readonly operator: string;
  readonly requirements: Requirements;
}

/** The run that ended a task as others can be held against it; undefined where there is none. */
export function runOf(run: RunStatement | undefined, { requirements, ...of }: RunOf): PoolRun | undefined {
  if (!run || !isComparable(run.outcome) || (isReplicated(requirements) && !run.check)) return undefined;
  const [agent, { engine }] = [toHex(run.agent), requirements];
  const agreeing = judgedRuns(requirements) ?? quorumOf(requirements)?.agreeing ?? 2;
  const who = { agent, runner: runnerOf(agent, engine), engine, fence: run.fence, fuel: run.fuel };
  return { ...of, ...who, job: toHex(of.job), agreeing, isHeld: isHeldFor(requirements, run.outcome) };
}

/** The run that has ended a task; undefined where there is none that could be checked. */
export function endedRun(
  { number, replicaOf, job: { key: job }, group: { requirements } }: LiveTask,
  { agent, opened }: EndedOutcome,
  operatorOf: (agent: string) => string | undefined,
): PoolRun | undefined {
  const operator = agent && operatorOf(toHex(agent));
  return operator === undefined
    ? undefined
    : runOf(opened, { task: replicaOf ?? number, number, job, requirements, operator });
}

/** A result from before that is not final. */
export interface HeldBefore {
  readonly run: PoolRun;
  readonly heldAt: number;
  readonly isReplica: boolean;
  /** Whether its requester judges it. */
  readonly isJudged: boolean;
}

/** What runs are compared by: what their results are, and what they say that they used. */
export function answerOf(fingerprint: Uint8Array, fuel: number | undefined): string {
  return `${toHex(fingerprint)} ${fuel ?? ""}`;
}

/** Trust is kept of an agent and an engine together. */
export function runnerOf(agent: string, engine: string): string {
  return `${agent} ${engine}`;
}

/** Why a task is run again: to see whether its result is right, since its requester disputes it, or to see what a novice makes of it. */
export type Purpose = "check" | "dispute" | "lesson";

/** A task that is being run again: its runs, and what they have shown so far. */
export class OpenCheck {
  readonly task: number;
  readonly job: LiveJob;
  readonly engine: EngineName;
  readonly purpose: Purpose;
  /** Further runs that are wanted, one after another. */
  wanted = 0;
  /** Whether the requester knows of it. */
  isAnnounced = false;
  /** When it last came a step further, in ms since 1970. */
  changedAt = 0;
  /** Operators that have run it, or do now. */
  readonly operators = new Set<string>();
  /** Under which agents know the task, also those that have not ended. */
  readonly numbers = new Set<number>();
  readonly #runs = new Map<number, PoolRun>();
  /** Runs of which no answer is expected any more. */
  readonly #silenced = new Set<PoolRun>();
  readonly #shown = new Map<PoolRun, string>();
  /** Who is to show its result, with what it has committed to, and until when in ms since 1970. */
  #asked: ReadonlyMap<PoolRun, Uint8Array> = new Map();
  #until = Infinity;

  constructor(first: PoolRun, job: LiveJob, purpose: Purpose) {
    this.task = first.task;
    this.engine = first.engine;
    this.job = job;
    this.purpose = purpose;
    this.add(first);
  }

  /** Every run, also of those that have been silent. */
  get runs(): PoolRun[] {
    return [...this.#runs.values()];
  }

  /** Runs that take part. */
  get taking(): PoolRun[] {
    return this.runs.filter((run) => !this.#silenced.has(run));
  }

  add(run: PoolRun): void {
    this.#runs.set(run.number, run);
    this.numbers.add(run.number);
    this.operators.add(run.operator);
  }

  run(number: number): PoolRun | undefined {
    return this.#runs.get(number);
  }

  /** From now on these are to show their results. */
  ask(commitments: ReadonlyMap<PoolRun, Uint8Array>, until: number): void {
    [this.#asked, this.#until] = [commitments, until];
  }

  /** Whether an agent has shown what it had committed to. */
  show({ number, fence, nonce, fingerprint }: Revealed, agent: Uint8Array, primitives: Primitives): boolean {
    const run = this.#runs.get(number);
    const commitment = run && this.#asked.get(run);
    if (!commitment || run.fence !== fence) return false;
    if (!equalBytes(commitmentTo({ agent, nonce, fingerprint }, primitives), commitment)) return false;
    this.#shown.set(run, answerOf(fingerprint, run.fuel));
    return true;
  }

  /** What those that were asked have shown; undefined while one has not. */
  answers(): (readonly [PoolRun, string])[] | undefined {
    if (this.#asked.size === 0 || this.silent.length > 0) return undefined;
    return this.#takeAnswers();
  }

  /** The time is over: who has not shown anything takes no part any more. @returns those, and what the others have shown */
  endSilence(): { readonly silent: PoolRun[]; readonly answers: (readonly [PoolRun, string])[] } {
    const { silent } = this;
    for (const run of silent) this.#silenced.add(run);
    return { silent, answers: this.#takeAnswers() };
  }

  /** Those that have not shown anything yet. */
  get silent(): PoolRun[] {
    return [...this.#asked.keys()].filter((run) => !this.#shown.has(run));
  }

  isLate(now: number): boolean {
    return this.silent.length > 0 && now >= this.#until;
  }

  #takeAnswers(): (readonly [PoolRun, string])[] {
    const answers = [...this.#asked.keys()].flatMap((run) => {
      const shown = this.#shown.get(run);
      return shown === undefined ? [] : [[run, shown] as const];
    });
    this.ask(new Map(), Infinity);
    return answers;
  }
}

type Revealed = Extract<ToPool, { type: "revealed" }>;

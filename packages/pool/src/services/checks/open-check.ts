import {
  type CheckedRun,
  commitmentTo,
  type EngineName,
  equalBytes,
  fromCbor,
  type Primitives,
  readStatement,
  runStatement,
  type RunStatement,
  type Signed,
  toHex,
  type ToPool,
} from "@aegis-pool/core";
import type { Outcome } from "../../store/task-writes.js";
import type { LiveJob } from "../market/live.js";

/** A run of a task that may be checked. */
export interface PoolRun extends CheckedRun {
  /** The number under which its agent knows the task. */
  readonly number: number;
  readonly fence: number;
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  readonly engine: EngineName;
  readonly signed: Signed;
  readonly commitment: Uint8Array;
  /** What it says that it used: held against the others' as its result is. */
  readonly fuel: number | undefined;
}

/** Failures that hang on how fast or large the machine is: they say nothing about what the program gives. */
const machinesOwn: ReadonlySet<RunStatement["outcome"]> = new Set(["time-limit", "memory-limit"]);

/** The run that ended a task as others can be held against it; undefined where there is none. */
export function runOf(
  { run: bytes, number }: Outcome,
  about: { readonly task: number; readonly engine: EngineName; readonly operator: string },
): PoolRun | undefined {
  const signed = bytes && (fromCbor(bytes) as Signed);
  const run = signed && readStatement(runStatement, signed);
  if (!signed || !run?.check || machinesOwn.has(run.outcome)) return undefined;
  const [agent, { commitment }] = [toHex(run.agent), run.check];
  const { fence, fuel } = run;
  return { ...about, number, fence, fuel, agent, runner: runnerOf(agent, about.engine), signed, commitment };
}

/** Trust is kept of an agent and an engine together. */
export function runnerOf(agent: string, engine: string): string {
  return `${agent} ${engine}`;
}

/** A task that is being checked: its runs, and what they have shown so far. */
export class OpenCheck {
  readonly task: number;
  readonly job: LiveJob;
  readonly engine: EngineName;
  /** Further runs that are wanted, one after another. */
  wanted = 0;
  /** Whether the requester knows that it is being checked. */
  isAnnounced = false;
  /** Operators that have run it, or do now. */
  readonly operators = new Set<string>();
  /** Under which agents know the task, also those that have not ended. */
  readonly numbers = new Set<number>();
  readonly #runs = new Map<number, PoolRun>();
  readonly #shown = new Map<PoolRun, string>();
  /** Who is to show its result, until when in ms since 1970. */
  #asked: readonly PoolRun[] = [];
  #until = Infinity;

  constructor(first: PoolRun, job: LiveJob) {
    this.task = first.task;
    this.engine = first.engine;
    this.job = job;
    this.add(first);
  }

  get runs(): PoolRun[] {
    return [...this.#runs.values()];
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
  ask(runs: readonly PoolRun[], until: number): void {
    [this.#asked, this.#until] = [runs, until];
  }

  /** Whether an agent has shown what it had committed to. */
  show({ number, fence, nonce, fingerprint }: Revealed, agent: Uint8Array, primitives: Primitives): boolean {
    const run = this.#runs.get(number);
    if (!run || run.fence !== fence || !this.#asked.includes(run)) return false;
    if (!equalBytes(commitmentTo({ agent, nonce, fingerprint }, primitives), run.commitment)) return false;
    this.#shown.set(run, `${toHex(fingerprint)} ${run.fuel ?? ""}`);
    return true;
  }

  /** What all that were asked have shown; undefined while one has not. */
  answers(): (readonly [PoolRun, string])[] | undefined {
    if (this.#asked.length === 0 || this.silent.length > 0) return undefined;
    const answers = this.#asked.map((run) => [run, this.#shown.get(run) ?? ""] as const);
    this.ask([], Infinity);
    return answers;
  }

  /** Those that have not shown anything yet. */
  get silent(): PoolRun[] {
    return this.#asked.filter((run) => !this.#shown.has(run));
  }

  isLate(now: number): boolean {
    return this.silent.length > 0 && now >= this.#until;
  }
}

type Revealed = Extract<ToPool, { type: "revealed" }>;

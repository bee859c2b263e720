import {
  AegisError,
  doAgree,
  encodeValue,
  judgedRuns,
  likenessOf,
  productVerdict,
  readStatement,
  runStatement,
  type TaskValue,
  type Tolerance,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { LocalFile } from "../local-file.js";
import type { CheckedMessage, JudgeMessage } from "./releaser.js";
import {
  failedResult,
  type FinishedMessage,
  type OpenableTask,
  openFinished,
  type ResultJob,
  type TaskResult,
} from "./results.js";
import { openInput } from "./sealed-input.js";
import type { Standing } from "./standings.js";

type Result = TaskResult<TaskValue | LocalFile>;

/** What a judge knows, and whom it tells. */
export interface JudgeParts {
  readonly job: ResultJob;
  /** What opens one of the job's results; undefined: it is none of the job's. */
  openable(number: number): OpenableTask | undefined;
  /** The pool is told which of a task's results are accepted. */
  onJudged(number: number, accepted: readonly number[]): void;
  /** A task's result, and how sure it is. */
  onResult(result: Result): void;
}

/** What has come of one task so far. */
interface Judging {
  readonly results: Map<number, FinishedMessage>;
  asked?: JudgeMessage;
  /** The pool has decided without this judge. */
  told?: CheckedMessage;
  /** Its result is given out, or about to be. */
  isOut?: true;
  accepted?: readonly number[];
}

/** How one run has answered, as others are compared with it. */
type Answer =
  | { readonly kind: "value"; readonly value: TaskValue }
  /** The program failed, which it may have to. */
  | { readonly kind: "failed"; readonly outcome: string | undefined }
  /** What came is not what was signed, or cannot be opened. */
  | { readonly kind: "none" }
  /** It could not be had, which is not its agent's fault. */
  | { readonly kind: "missing" };

/** Judges the results of a job whose tasks have the policy `judged` or `exact-product`, and gives out one of each task. */
export class Judge {
  readonly #parts: JudgeParts;
  /** By the number of a task's first run. */
  readonly #judging = new Map<number, Judging>();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** A held result of the task whose first run was `first` has come. */
  result(first: number, message: FinishedMessage): void {
    const judging = this.#of(first);
    if (!judging.isOut) judging.results.set(message.number, message);
    this.#advance(first, judging);
  }

  /** The pool asks which results of a task are accepted; again, where it has not heard of it. */
  asked(asked: JudgeMessage): void {
    const judging = this.#of(asked.number);
    if (judging.accepted) return this.#parts.onJudged(asked.number, judging.accepted);
    judging.asked = asked;
    this.#advance(asked.number, judging);
  }

  /** The pool has settled a task's results: as this judge had said, or without it. */
  told(told: CheckedMessage): void {
    const judging = this.#of(told.number);
    judging.told = told;
    if (judging.isOut) this.#judging.delete(told.number);
    else this.#advance(told.number, judging);
  }

  #advance(first: number, judging: Judging): void {
    const { asked, told, results } = judging;
    if (judging.isOut) return;
    const settled = told && results.get(told.right ?? first);
    const runs = asked?.runs.flatMap((number) => results.get(number) ?? []) ?? [];
    if (!settled && (!asked || runs.length < asked.runs.length)) return;
    judging.isOut = true;
    results.clear();
    if (settled) {
      this.#judging.delete(first);
      void this.#give(settled, told.verdict === "wrong" || told.verdict === "right" ? "agreed" : "unchecked");
    } else if (asked) {
      void (judgedRuns(this.#requirements) === 1 ? this.#checkProduct(asked, runs) : this.#compare(asked, runs));
    }
  }

  async #compare({ number }: JudgeMessage, runs: readonly FinishedMessage[]): Promise<void> {
    const answers = await Promise.all(runs.map((run) => this.#answer(run)));
    const first = runs.find((run) => run.number === number);
    // nobody is to blame for what cannot be had
    if (answers.some(({ kind }) => kind === "missing")) return this.#decide(number, runs, first, "unchecked");
    const { verification } = this.#requirements;
    const tolerance = verification?.policy === "judged" ? verification.tolerance : { billionths: 0 };
    const likeness = likenessOf(runs.length, (one, other) => areAlike(answers[one], answers[other], tolerance));
    const accepted = likeness?.accepted.flatMap((place) => runs[place] ?? []) ?? [];
    const chosen = likeness ? runs[likeness.chosen] : first;
    // the chosen one first: where the pool has to tell of a right result, it is this one
    const inOrder = accepted.toSorted((one, other) => Number(other === chosen) - Number(one === chosen));
    this.#decide(number, inOrder, chosen, likeness ? "agreed" : "nondeterministic");
  }

  async #checkProduct(asked: JudgeMessage, runs: readonly FinishedMessage[]): Promise<void> {
    const [run] = runs;
    const task = run && this.#parts.openable(run.number);
    if (!run || !task) return;
    const [answer, input] = await Promise.all([this.#answer(run), openInput(asked, task, this.#parts.job.client)]);
    const value = answer.kind === "value" ? encodeValue(answer.value, primitives.text) : new Uint8Array(0);
    const verdict = input && answer.kind !== "missing" ? productVerdict(input, value, primitives) : "no-product";
    if (verdict === "wrong") return this.#refuse(run, task);
    this.#decide(asked.number, runs, run, verdict === "right" ? "agreed" : "unchecked");
  }

  /** A product that is wrong is not given out, and is disputed: whoever has the task's content key comes to the same verdict. */
  async #refuse(run: FinishedMessage, task: OpenableTask): Promise<void> {
    const opened = await this.#open(run, task, undefined);
    this.#parts.onResult({
      ...opened,
      ok: false,
      error: notTheProduct(task.index),
      isContradicted: true,
      standing: "held",
    });
  }

  #decide(
    number: number,
    accepted: readonly FinishedMessage[],
    chosen: FinishedMessage | undefined,
    standing: Standing,
  ): void {
    const judging = this.#judging.get(number);
    const numbers = accepted.map((run) => run.number);
    if (judging && !judging.told) {
      judging.accepted = numbers;
      this.#parts.onJudged(number, numbers);
    }
    if (chosen) void this.#give(chosen, standing);
  }

  async #give(message: FinishedMessage, standing: Standing): Promise<void> {
    const task = this.#parts.openable(message.number);
    if (!task) return;
    const opened = await this.#open(message, task, this.#parts.job.resultsFolder);
    this.#parts.onResult({ ...opened, standing });
  }

  async #answer(run: FinishedMessage): Promise<Answer> {
    const task = this.#parts.openable(run.number);
    const result = task && (await this.#open(run, task, undefined)); // in memory, one task's results at a time
    if (!result) return { kind: "missing" };
    if (result.ok) return { kind: "value", value: result.value as TaskValue };
    const { code } = result.error;
    if (code === "result-mismatch") return { kind: "none" };
    if (code !== "task-failed") return { kind: "missing" };
    return { kind: "failed", outcome: run.run && readStatement(runStatement, run.run)?.outcome };
  }

  #open(message: FinishedMessage, task: OpenableTask, resultsFolder: string | undefined): Promise<Result> {
    return openFinished(message, task, { ...this.#parts.job, resultsFolder }).catch((error: unknown) =>
      failedResult(task, error),
    );
  }

  get #requirements() {
    return this.#parts.job.terms.requirements;
  }

  #of(first: number): Judging {
    let judging = this.#judging.get(first);
    if (!judging) this.#judging.set(first, (judging = { results: new Map() }));
    return judging;
  }
}

function areAlike(one: Answer | undefined, other: Answer | undefined, tolerance: Tolerance): boolean {
  if (one?.kind === "value" && other?.kind === "value") return doAgree(one.value, other.value, tolerance);
  return one?.kind === "failed" && other?.kind === "failed" && one.outcome === other.outcome;
}

function notTheProduct(index: number): AegisError {
  return new AegisError({
    code: "result-mismatch",
    message: `The result of task ${index} is not the product of its two matrices.`,
    next: "Submit the task again, excluding that operator. The pool is shown this one task's key and checks it too: what was charged comes back, within a fair part (decision 031).",
  });
}

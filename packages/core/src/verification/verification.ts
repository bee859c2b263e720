import { Comparison } from "./comparison.js";
import { checkProbability, type VerificationRules, verificationRules } from "./rules.js";
import { Trust, type TrustRecord } from "./trust.js";

/** One run of a task, by an agent for one engine. */
export interface CheckedRun {
  readonly task: number;
  /** The agent and the engine: trust is kept of both together. */
  readonly runner: string;
  /** Who the agent belongs to: answers of one operator are one answer. */
  readonly operator: string;
  /** How many operators must give one answer to its task before that is believed, 2 or more. */
  readonly agreeing: number;
}

/** What verification wants done. */
export type VerificationEffect<Run> =
  /** So many more runs of the task of `first`, each by a trusted agent of another operator, and of none of these. */
  | {
      readonly kind: "replicate";
      readonly task: number;
      readonly first: Run;
      readonly runs: number;
      readonly except: readonly string[];
    }
  /** All runs are committed: these are to show their answers. */
  | { readonly kind: "reveal"; readonly task: number; readonly runs: readonly Run[] }
  /** The result may be used, and is paid once it is final. */
  | { readonly kind: "held"; readonly run: Run }
  /** The results are right as far as can be known: these runs are paid; what more than `paid` were needed, the losers pay. */
  | { readonly kind: "final"; readonly task: number; readonly paid: readonly Run[]; readonly extra: readonly Run[] }
  /** A novice may run the task too, where one is here: its answer is known. */
  | { readonly kind: "train"; readonly task: number; readonly except: readonly string[] }
  /** A novice has given another answer than all others: it is not paid, and has lost nothing else. */
  | { readonly kind: "failed-training"; readonly run: Run }
  /** The result is proven wrong: it is not paid, and unless it is forgiven costs `penaltyCharges` times its charge. */
  | { readonly kind: "disproved"; readonly run: Run; readonly isForgiven: boolean }
  /** The program gives different results: all runs are paid and nobody is to blame. */
  | { readonly kind: "nondeterministic"; readonly task: number; readonly runs: readonly Run[] };

/**
 * Who is checked, what the answers say, and what follows from them. A first run is never told whether another follows, and another is only
 * asked for when the first is committed: whoever lies cannot know who will be held against them.
 */
export class Verification<Run extends CheckedRun> {
  readonly #random: () => number;
  readonly #rules: VerificationRules;
  readonly #trust = new Map<string, Trust<Run>>();
  readonly #comparisons = new Map<number, Comparison<Run>>();
  /** What was agreed on tasks that a novice runs now. */
  readonly #lessons = new Map<number, string>();

  /** @param random numbers from 0 to 1 that nobody can foresee */
  constructor(random: () => number, rules: VerificationRules = verificationRules) {
    this.#random = random;
    this.#rules = rules;
  }

  /** Whether a runner is no novice any more: only such run what nobody has run yet, and check others. */
  isTrusted(runner: string): boolean {
    return (this.#trust.get(runner)?.valid ?? 0) >= this.#rules.noviceResults;
  }

  trustOf(runner: string): Trust<Run> {
    let trust = this.#trust.get(runner);
    if (!trust) this.#trust.set(runner, (trust = new Trust()));
    return trust;
  }

  /** What is known of a runner from before. */
  restore(runner: string, { valid, passed, disproved }: TrustRecord): void {
    Object.assign(this.trustOf(runner), { valid, passed, disproved });
  }

  /** Tasks that are being checked. */
  get open(): number {
    return this.#comparisons.size;
  }

  /** The first run of a task has ended whose result is taken as it comes: now and then it is checked all the same. */
  taken(run: Run): VerificationEffect<Run>[] {
    const trust = this.trustOf(run.runner);
    if (this.#random() < checkProbability(trust.valid, this.#rules)) return [this.#compare(run)];
    trust.confirm();
    return [];
  }

  /** No further run can be had: those that agree are believed, where one more was only to look after them. */
  unavailable(task: number): VerificationEffect<Run>[] {
    const comparison = this.#comparisons.get(task);
    const answer = comparison?.agreedBefore();
    this.#comparisons.delete(task);
    return comparison && answer !== undefined ? this.#decided(comparison, answer) : [];
  }

  /** Nothing will come of a check: nobody is the better or worse for it. */
  abandon(task: number): void {
    this.#comparisons.delete(task);
  }

  /** A run did not show what it had committed to, and begins anew: else whoever has lied would keep silent. The check goes on without it. */
  silent(run: Run): VerificationEffect<Run>[] {
    this.#comparisons.get(run.task)?.drop(run);
    return this.trustOf(run.runner)
      .distrust()
      .map((suspect) => this.#compare(suspect));
  }

  /**
   * The first run of a task has ended whose result is held until it is final.
   * @param always whether each result is checked, however well its runner is trusted
   */
  completed(run: Run, always = false): VerificationEffect<Run>[] {
    const { valid } = this.trustOf(run.runner);
    if (always || this.#random() < checkProbability(valid, this.#rules)) return [this.#compare(run)];
    return this.hold(run);
  }

  /** A result is taken as it is, for now: it is not checked, or cannot be. */
  hold(run: Run): VerificationEffect<Run>[] {
    this.trustOf(run.runner).hold(run);
    return [{ kind: "held", run }];
  }

  /** A result that has been held for long is checked now. */
  check(run: Run): VerificationEffect<Run>[] {
    this.trustOf(run.runner).release(run);
    return [this.#compare(run)];
  }

  /**
   * A requester disputes a result, whose answer is known: as many operators as convince are to say what it ought to be, none of whom has
   * run it before.
   */
  dispute(run: Run, answer: string): VerificationEffect<Run>[] {
    this.trustOf(run.runner).release(run);
    const comparison = new Comparison(run, this.#rules.convincingLead + 1);
    this.#comparisons.set(run.task, comparison);
    comparison.answer(run, answer);
    return [this.#ask(run.task, comparison, this.#rules.convincingLead)];
  }

  /** A run is proven wrong by its own agent's signature. @returns what else of it is to be checked now, and whether this is forgiven */
  contradicted(run: Run): VerificationEffect<Run>[] {
    this.trustOf(run.runner).release(run);
    return this.#failed(run);
  }

  /** A result that has been held for long is taken, since nobody is there to check it. */
  accept(run: Run): void {
    this.trustOf(run.runner).release(run);
  }

  /** A further run of a task that is being checked has ended. */
  replicated(run: Run): VerificationEffect<Run>[] {
    const comparison = this.#comparisons.get(run.task);
    comparison?.add(run);
    if (!comparison?.isComplete) return [];
    return [{ kind: "reveal", task: run.task, runs: comparison.waiting }];
  }

  /** Runs have shown what they had committed to. */
  revealed(task: number, answers: Iterable<readonly [Run, string]>): VerificationEffect<Run>[] {
    const comparison = this.#comparisons.get(task);
    if (!comparison) return [];
    for (const [run, answer] of answers) comparison.answer(run, answer);
    const verdict = comparison.verdict(this.#rules);
    if (verdict.kind === "undecided") return [this.#ask(task, comparison, verdict.runs)];
    if (verdict.kind === "nondeterministic") return this.#blameNobody(task, comparison);
    if (this.#isAudited(comparison)) {
      comparison.audit();
      return [this.#ask(task, comparison, 1)];
    }
    this.#comparisons.delete(task);
    return [...this.#decided(comparison, verdict.answer), ...this.#teach(comparison, verdict.answer)];
  }

  /** Nobody has taken the lesson. */
  untaught(task: number): void {
    this.#lessons.delete(task);
  }

  /** A novice has run a task whose answer is known. */
  trained(run: Run, answer: string): VerificationEffect<Run>[] {
    const agreed = this.#lessons.get(run.task);
    this.#lessons.delete(run.task);
    const trust = this.trustOf(run.runner);
    if (agreed === answer) trust.train(run);
    if (agreed === answer || agreed === undefined) return [{ kind: "held", run }];
    trust.valid = 0;
    return [{ kind: "failed-training", run }];
  }

  #compare(run: Run): VerificationEffect<Run> {
    const comparison = new Comparison(run, run.agreeing);
    this.#comparisons.set(run.task, comparison);
    return this.#ask(run.task, comparison, run.agreeing - 1);
  }

  #ask(task: number, comparison: Comparison<Run>, runs: number): VerificationEffect<Run> {
    comparison.ask(runs);
    return { kind: "replicate", task, first: comparison.first, runs, except: comparison.operators };
  }

  /** Two that agree may be one: now and then a third is asked. */
  #isAudited(comparison: Comparison<Run>): boolean {
    const mayBeAudited = comparison.isUnanimous && comparison.runs.length === comparison.agreeing;
    return mayBeAudited && this.#random() < this.#rules.auditProbability;
  }

  #decided(comparison: Comparison<Run>, answer: string): VerificationEffect<Run>[] {
    const { first, agreeing } = comparison;
    const { right, wrong } = comparison.sides(answer);
    const [paid, extra] = [right.slice(0, agreeing), right.slice(agreeing)];
    const effects: VerificationEffect<Run>[] = [{ kind: "final", task: first.task, paid, extra }];
    for (const run of right) effects.push(...this.#passed(run, run === first));
    for (const run of wrong) effects.push(...this.#failed(run));
    return effects;
  }

  #teach(comparison: Comparison<Run>, answer: string): VerificationEffect<Run>[] {
    const { task } = comparison.first;
    if (!comparison.isUnanimous || this.#random() >= this.#rules.trainingProbability) return [];
    this.#lessons.set(task, answer);
    return [{ kind: "train", task, except: comparison.operators }];
  }

  #passed(run: Run, wasChecked: boolean): VerificationEffect<Run>[] {
    const trust = this.trustOf(run.runner);
    if (!wasChecked) {
      trust.confirm();
      return [];
    }
    return trust.pass(this.#rules).map((held) => ({ kind: "final", task: held.task, paid: [held], extra: [] }));
  }

  /** Whatever else of it is not final yet is checked now. */
  #failed(run: Run): VerificationEffect<Run>[] {
    const { suspects, isForgiven } = this.trustOf(run.runner).fail(this.#rules);
    return [{ kind: "disproved", run, isForgiven }, ...suspects.map((suspect) => this.#compare(suspect))];
  }

  #blameNobody(task: number, comparison: Comparison<Run>): VerificationEffect<Run>[] {
    this.#comparisons.delete(task);
    return [{ kind: "nondeterministic", task, runs: comparison.runs }];
  }
}

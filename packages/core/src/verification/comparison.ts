import type { VerificationRules } from "./rules.js";
import { type Verdict, verdictOf } from "./verdict.js";

/** A run that has answered. */
interface Answered<Run> {
  readonly run: Run;
  readonly answer: string;
}

/** Runs of one task by different operators, held against each other. */
export class Comparison<Run extends { readonly operator: string }> {
  /** The run that is checked. */
  readonly first: Run;
  /** How many operators must give one answer where nobody gives another, but for who looks after them. */
  readonly agreeing: number;
  /** And with those. */
  #agreeing: number;
  /** Those whose answers are not known yet. */
  readonly #waiting = new Set<Run>();
  readonly #answered: Answered<Run>[] = [];
  /** Runs that are asked for, and have not ended. */
  #asked = 0;

  constructor(first: Run, agreeing: number) {
    this.first = first;
    this.#waiting.add(first);
    this.agreeing = agreeing;
    this.#agreeing = agreeing;
  }

  /** Every run that takes part. */
  get runs(): Run[] {
    return [...this.#answered.map(({ run }) => run), ...this.#waiting];
  }

  get operators(): string[] {
    return this.runs.map(({ operator }) => operator);
  }

  /** Whether all that were asked for have ended: only then may any answer be shown. */
  get isComplete(): boolean {
    return this.#asked === 0;
  }

  /** Those whose answers are still to be shown. */
  get waiting(): Run[] {
    return [...this.#waiting];
  }

  ask(runs: number): void {
    this.#asked += runs;
  }

  /** A run that was asked for has ended. */
  add(run: Run): void {
    this.#asked--;
    this.#waiting.add(run);
  }

  /** One more is to agree. */
  audit(): void {
    this.#agreeing++;
  }

  answer(run: Run, answer: string): void {
    if (this.#waiting.delete(run)) this.#answered.push({ run, answer });
  }

  verdict(rules: VerificationRules): Verdict {
    return verdictOf(
      this.#answered.map(({ answer }) => answer),
      this.#agreeing,
      rules,
    );
  }

  /** A run takes no part any more, and is no answer. */
  drop(run: Run): void {
    this.#waiting.delete(run);
  }

  /** What as many as were asked for have agreed on, where all have; undefined where not. */
  agreedBefore(): string | undefined {
    const enough = this.#answered.length >= this.agreeing;
    return this.isUnanimous && enough ? this.#answered[0]?.answer : undefined;
  }

  /** Whether all have given the same answer. */
  get isUnanimous(): boolean {
    return new Set(this.#answered.map(({ answer }) => answer)).size === 1;
  }

  /** Runs that gave this answer, and those that gave another. */
  sides(answer: string): { readonly right: Run[]; readonly wrong: Run[] } {
    const of = (isRight: boolean) =>
      this.#answered.filter((one) => (one.answer === answer) === isRight).map(({ run }) => run);
    return { right: of(true), wrong: of(false) };
  }
}

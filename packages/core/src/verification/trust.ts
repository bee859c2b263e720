import type { VerificationRules } from "./rules.js";

/** A result that is held until its runner has passed further checks. */
export interface HeldResult<Run> {
  readonly run: Run;
  /** How many checks its runner had passed when it came. */
  readonly after: number;
}

/** What of a runner's trust outlives a pool's restart. */
export type TrustRecord = Pick<Trust<unknown>, "valid" | "passed" | "disproved">;

/** What is known of one runner: an agent, for one engine. */
export class Trust<Run> {
  /** Valid results in a row. */
  valid = 0;
  /** Checks of its own results passed, ever. */
  passed = 0;
  /** Results proven wrong, ever. */
  disproved = 0;
  /** Results that are not final yet, the oldest first. */
  #held: HeldResult<Run>[] = [];

  /** A result is taken without a check, for now. */
  hold(run: Run): void {
    this.#held.push({ run, after: this.passed });
  }

  /** A result is no longer held, whatever becomes of it. */
  release(run: Run): void {
    this.#held = this.#held.filter((held) => held.run !== run);
  }

  /** It has checked another's result, rightly, or its own is taken. That makes none of its own final: it might know whom it checks. */
  confirm(): void {
    this.valid++;
  }

  /** A novice has given an answer that others had agreed on. It is paid with what follows, so that nobody comes for this alone. */
  train(run: Run): void {
    this.valid++;
    this.#held.push({ run, after: this.passed });
  }

  /** One of its results was checked, and is right. @returns results that are final by that */
  pass(rules: VerificationRules): Run[] {
    this.valid++;
    this.passed++;
    const { passed } = this;
    const firstHeld = this.#held.findIndex(({ after }) => passed - after < rules.passesUntilFinal);
    const final = this.#held.splice(0, firstHeld < 0 ? this.#held.length : firstHeld);
    this.valid += final.length;
    return final.map(({ run }) => run);
  }

  /** One of its results is proven wrong: it begins anew. @returns results that have to be checked now, and whether this one is forgiven */
  fail(rules: VerificationRules): { readonly suspects: Run[]; readonly isForgiven: boolean } {
    const isForgiven = this.disproved === 0 || this.valid >= rules.forgivenAfter;
    this.disproved++;
    return { suspects: this.distrust(), isForgiven };
  }

  /** It begins anew. @returns results that have to be checked now */
  distrust(): Run[] {
    this.valid = 0;
    return this.#held.splice(0).map(({ run }) => run);
  }

  /** Results that are not final yet. */
  get held(): number {
    return this.#held.length;
  }
}

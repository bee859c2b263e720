import type { JobListener, TaskCheck, TaskResult } from "@aegis-pool/sdk";
import { exitCodes } from "../exit-codes.js";
import type { Output } from "../terminal/output.js";

/** Counts what came of the checks of a job's results, and says at once where one is wrong. */
export class CheckedResults {
  readonly #output: Output;
  /** Whether results are given out only when it is known how they stand. */
  readonly #isHeld: boolean;
  /** Whether it is this process that compares or checks them. */
  readonly #isJudged: boolean;
  /** Results that were given out and turned out wrong later. */
  #corrected = 0;
  readonly #verdicts = new Map<TaskCheck["verdict"], number>();

  /** @param policy as `--verify` names it */
  constructor(output: Output, policy = "") {
    this.#output = output;
    this.#isJudged = policy.startsWith("judged") || policy === "exact-product";
    this.#isHeld = policy.startsWith("quorum") || this.#isJudged;
  }

  get listener(): Pick<JobListener, "onChecked" | "onCorrected"> {
    return { onChecked: (check) => this.#note(check), onCorrected: (result) => this.#correct(result) };
  }

  /** The job's exit code, or a worse one where a wrong result has been given out. */
  exitCode(of: number): number {
    const isWrong = this.#count("wrong") > 0 && !this.#isHeld;
    return (isWrong || this.#corrected > 0) && of === exitCodes.ok ? exitCodes.notGenuine : of;
  }

  /** A line where anything was checked, and one where something is not final; else nothing. */
  sayAll(): void {
    const held = this.#count("held") - this.#count("final") - this.#corrected;
    if (held > 0)
      this.#output.note(
        `${held} results were not checked: their machines are trusted, and more of their results will be checked.`,
      );
    const checked = this.#count("right") + this.#count("wrong") + this.#count("nondeterministic");
    if (checked === 0) return;
    if (this.#isJudged)
      return this.#output.note(
        `${checked} of the results were checked here: ${this.#count("wrong")} first ones rejected.`,
      );
    const wrong = this.#count("wrong");
    const words =
      wrong === 0 ? "none is wrong" : `${wrong} wrong${this.#isHeld ? ", of which you have the right ones" : ""}`;
    this.#output.note(`${checked} of the results were checked by other operators: ${words}.`);
  }

  #note({ index, number, verdict, charged }: TaskCheck): void {
    this.#verdicts.set(verdict, this.#count(verdict) + 1);
    if (this.#output.json) this.#output.result({ index, number, check: verdict, ...(charged && { charged }) }, "");
    else if (charged)
      this.#output.note(`Task ${index}: you reject more results than a fair part, so those rejected here were paid.`);
    else if (this.#isJudged) this.#noteJudged(index, verdict);
    else if (verdict === "wrong")
      this.#output.note(
        `Task ${index}: other operators have shown that its ${this.#isHeld ? "first result is wrong; you get theirs" : "result is wrong"}.`,
      );
    else if (verdict === "nondeterministic")
      this.#output.note(`Task ${index}: each operator got another result. Find out why with \`aegis job check\`.`);
  }

  #noteJudged(index: number, verdict: TaskCheck["verdict"]): void {
    if (verdict === "nondeterministic")
      this.#output.note(`Task ${index}: no two of its results are within the tolerance; you get the first.`);
  }

  #correct(result: TaskResult<unknown>): void {
    this.#corrected++;
    const { index } = result;
    const value = result.ok
      ? JSON.stringify(result.value instanceof Uint8Array ? [...result.value] : result.value)
      : "";
    if (this.#output.json && result.ok) this.#output.result({ index, corrected: result.value }, "");
    else this.#output.note(`Task ${index}: its result has turned out wrong after you had it. The right one: ${value}`);
  }

  #count(verdict: TaskCheck["verdict"]): number {
    return this.#verdicts.get(verdict) ?? 0;
  }
}

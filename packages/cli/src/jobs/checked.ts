import type { JobListener, TaskCheck } from "@aegis-pool/sdk";
import { exitCodes } from "../exit-codes.js";
import type { Output } from "../terminal/output.js";

/** Counts what other operators make of a job's results, and says at once where one is wrong. */
export class CheckedResults {
  readonly #output: Output;
  readonly #verdicts = new Map<TaskCheck["verdict"], number>();

  constructor(output: Output) {
    this.#output = output;
  }

  get listener(): Pick<JobListener, "onChecked"> {
    return { onChecked: (check) => this.#note(check) };
  }

  /** The job's exit code, or a worse one. */
  exitCode(of: number): number {
    return this.#count("wrong") > 0 && of === exitCodes.ok ? exitCodes.notGenuine : of;
  }

  /** One line where anything was checked; else nothing. */
  sayAll(): void {
    const checked = [...this.#verdicts.values()].reduce((sum, count) => sum + count, 0) - this.#count("unchecked");
    if (checked === 0) return;
    const wrong = this.#count("wrong");
    const words = wrong === 0 ? "none is wrong" : `${wrong} wrong`;
    this.#output.note(`${checked} of the results were checked by other operators: ${words}.`);
  }

  #note({ index, number, verdict }: TaskCheck): void {
    this.#verdicts.set(verdict, this.#count(verdict) + 1);
    if (this.#output.json) this.#output.result({ index, number, check: verdict }, "");
    else if (verdict === "wrong")
      this.#output.note(`Task ${index}: other operators have shown that its result is wrong.`);
    else if (verdict === "nondeterministic")
      this.#output.note(`Task ${index}: each operator got another result. Find out why with \`aegis job check\`.`);
  }

  #count(verdict: TaskCheck["verdict"]): number {
    return this.#verdicts.get(verdict) ?? 0;
  }
}

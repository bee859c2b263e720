import type { SettlementVerdict, VerificationEffect } from "@aegis-pool/core";
import type { CheckVerdict } from "../../store/trust-rows.js";
import type { CheckRecords } from "./check-records.js";
import type { HeldResults } from "./held-results.js";
import type { OpenCheck, PoolRun } from "./open-check.js";

type Effect = VerificationEffect<PoolRun>;
export type Final = Extract<Effect, { kind: "final" }>;
type Disproved = Extract<Effect, { kind: "disproved" }>;

/** What a check has shown. */
export interface Conclusion {
  readonly verdict: "right" | "wrong" | "nondeterministic";
  /** Where the first result is wrong: under which number a right one came. */
  readonly right: number | undefined;
  /** Resolves when all that follows is durable. */
  readonly settled: Promise<unknown>;
}

/** What the effects of a verdict mean for the runs of a task: what each is paid, and what is written of its agent. */
export class Consequences {
  readonly #held: HeldResults;
  readonly #records: CheckRecords;

  constructor(held: HeldResults, records: CheckRecords) {
    this.#held = held;
    this.#records = records;
  }

  of(check: OpenCheck, effects: readonly Effect[]): Conclusion {
    const final = effects.find((effect): effect is Final => effect.kind === "final" && effect.task === check.task);
    const wrong = effects.flatMap((effect) => (effect.kind === "disproved" ? [effect] : []));
    const settled = Promise.all(check.taking.map((run) => this.#settle(run, check, { final, wrong })));
    if (!final) return { verdict: "nondeterministic", right: undefined, settled };
    const right = [...final.paid, ...final.extra];
    if (right.some(({ number }) => number === check.task)) return { verdict: "right", right: undefined, settled };
    return { verdict: "wrong", right: right[0]?.number, settled };
  }

  async #settle(run: PoolRun, check: OpenCheck, about: { final: Final | undefined; wrong: readonly Disproved[] }) {
    const disproved = about.wrong.find((effect) => effect.run === run);
    const kept = this.#records.keep(run, recordOf(run, check, { final: about.final, disproved }), check.runs.length);
    await Promise.all([kept, disproved ? this.#disprove(disproved, check, about) : this.#pay(run, about.final)]);
  }

  #pay(run: PoolRun, final: Final | undefined): Promise<void> {
    const verdict: SettlementVerdict = final ? "agreed" : "nondeterministic";
    return this.#held.settle(run, verdict);
  }

  #disprove(disproved: Disproved, check: OpenCheck, about: { final: Final | undefined; wrong: readonly Disproved[] }) {
    const { run } = disproved;
    const costs = costsOf(disproved, check, about);
    if (check.purpose === "dispute" && !this.#held.has(run)) return this.#held.indebt(run, costs ?? []);
    return this.#held.settle(run, "disproved", { right: about.final?.paid[0]?.number, costs });
  }
}

function recordOf(
  run: PoolRun,
  { task }: OpenCheck,
  { final, disproved }: { final: Final | undefined; disproved: Disproved | undefined },
): CheckVerdict {
  if (disproved) return "disproved";
  if (!final) return "nondeterministic";
  return run.number === task ? "passed" : "confirmed";
}

/**
 * The further runs that an operator owes for, by number; undefined where its wrong result is forgiven. Of several that are wrong the first
 * to be punished owes for what finding out has cost. Who is wrong in a dispute owes for all of it: nobody else should have had to ask.
 */
function costsOf(
  disproved: Disproved,
  check: OpenCheck,
  { final, wrong }: { final: Final | undefined; wrong: readonly Disproved[] },
): number[] | undefined {
  if (check.purpose === "dispute" && disproved.run.number === check.task)
    return numbersOf([...(final?.paid ?? []), ...(final?.extra ?? [])]);
  if (disproved.isForgiven) return undefined;
  const owing = wrong.find(({ isForgiven }) => !isForgiven);
  return disproved === owing && check.purpose === "check" ? numbersOf(final?.extra ?? []) : [];
}

function numbersOf(runs: readonly PoolRun[]): number[] {
  return runs.map(({ number }) => number);
}

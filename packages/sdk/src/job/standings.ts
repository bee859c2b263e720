import { readStatement, receiptStatement } from "@aegis-pool/core";
import type { CheckedMessage } from "./releaser.js";
import type { FinishedMessage } from "./results.js";

/**
 * How sure a result is. `agreed`: as many operators as were asked for gave it. `final`: its agent has passed further checks since. `held`:
 * neither yet; it may still turn out wrong. `nondeterministic`: each operator got another one (`judged`: no two are within the tolerance). `unchecked`: nobody has looked.
 */
export type Standing = "unchecked" | "held" | "agreed" | "final" | "nondeterministic";

/** A result that can be given out, and how sure it is. */
export interface StandingResult {
  readonly message: FinishedMessage;
  readonly standing: Standing;
  /** What others have made of the same task. */
  readonly others: readonly FinishedMessage[];
}

interface Known {
  /** The first run's result, until it is given out. */
  result?: FinishedMessage;
  readonly replicas: Map<number, FinishedMessage>;
  verdict?: CheckedMessage;
}

const standings: Readonly<Record<CheckedMessage["verdict"], Standing>> = {
  right: "agreed",
  wrong: "agreed", // another operator's is given out then
  nondeterministic: "nondeterministic",
  unchecked: "unchecked",
  held: "held",
  final: "final",
};

/** Whether a result is paid, and given out, only when the pool says how it stands. */
export function isHeld({ receipt }: FinishedMessage): boolean {
  return receipt !== undefined && readStatement(receiptStatement, receipt)?.payment === "held";
}

/** Results of a job under `quorum`: each is given out when it is known how it stands, and once more where it turns out wrong later. */
export class Standings {
  /** By the number of the first run. */
  readonly #known = new Map<number, Known>();
  /** Tasks of which a result has been given out. */
  readonly #out = new Set<number>();

  /** A result has come. @returns it, where it is known already how it stands */
  result(message: FinishedMessage): StandingResult | undefined {
    const known = this.#of(message.number);
    known.result = message;
    return known.verdict && this.verdict(known.verdict);
  }

  /** Another operator's result of the task `of` has come. */
  replica(of: number, message: FinishedMessage): void {
    this.#of(of).replicas.set(message.number, message);
  }

  /** It is known how a result stands. @returns what to give out; undefined: it has not come yet, or nothing new follows */
  verdict(verdict: CheckedMessage): StandingResult | undefined {
    const { number, right } = verdict;
    const known = this.#of(number);
    const message = right === undefined ? known.result : known.replicas.get(right);
    if (this.#out.has(number) || known.result) {
      this.#known.delete(number);
      this.#out.add(number);
      const all = [...(known.result ? [known.result] : []), ...known.replicas.values()];
      const others = all.filter((other) => other !== message);
      return message && { message, standing: standings[verdict.verdict], others };
    }
    known.verdict = verdict; // its result follows
    return undefined;
  }

  #of(number: number): Known {
    let known = this.#known.get(number);
    if (!known) this.#known.set(number, (known = { replicas: new Map() }));
    return known;
  }
}

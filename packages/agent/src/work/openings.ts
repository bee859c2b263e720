import {
  commitmentTo,
  equalBytes,
  fingerprintOf,
  isReplicated,
  openOwnStatement,
  type Lease,
  type RunStatement,
  runStatement,
  type TaskKeys,
  type TaskManifest,
  type ToAgent,
  type ToPool,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { RunOutcome } from "../engines/index.js";

/** Commitments that are remembered; a check comes soon after its run, or never. */
const mostOpenings = 4_096;

interface Opening extends Lease {
  readonly keys: Uint8Array;
  readonly nonce: Uint8Array;
  readonly fingerprint: Uint8Array;
}

/** What this agent has committed to, for as long as somebody may want to see it. */
export class Openings {
  readonly #agent: Uint8Array;
  readonly #openings = new Map<number, Opening>();

  constructor(agent: Uint8Array) {
    this.#agent = agent;
  }

  /** Commits to what a run gave; undefined where nobody will hold it against another. */
  commit({ number, fence, manifest, keys }: CheckableRun, outcome: RunOutcome): RunStatement["check"] {
    if (!isReplicated(manifest.requirements)) return undefined;
    const given = outcome.ok
      ? ({ outcome: "completed", value: outcome.output } as const)
      : { outcome: outcome.reason, value: undefined };
    const nonce = primitives.randomBytes(32);
    const fingerprint = fingerprintOf(given, keys.content, primitives);
    this.#remember({ number, fence, keys: manifest.keys, nonce, fingerprint });
    const commitment = commitmentTo({ agent: this.#agent, nonce, fingerprint }, primitives);
    return { keys: manifest.keys, commitment };
  }

  /**
   * What was committed to, once others are too: whoever knew it before might pass it off as theirs. Undefined where it is not known, or
   * those others are not others, or ran another task.
   */
  open({ number, fence, others }: Extract<ToAgent, { type: "reveal" }>): ToPool | undefined {
    const opening = this.#openings.get(number);
    if (opening?.fence !== fence || others.length === 0) return undefined;
    const { keys, nonce, fingerprint } = opening;
    for (const other of others) {
      const run = openOwnStatement(runStatement, other, ({ agent }) => agent, primitives);
      if (!run?.check || equalBytes(run.agent, this.#agent) || !equalBytes(run.check.keys, keys)) return undefined;
    }
    return { type: "revealed", number, fence, nonce, fingerprint };
  }

  #remember(opening: Opening): void {
    this.#openings.set(opening.number, opening);
    if (this.#openings.size > mostOpenings) this.#openings.delete(this.#openings.keys().next().value ?? 0);
  }
}

interface CheckableRun extends Lease {
  readonly manifest: TaskManifest;
  readonly keys: TaskKeys;
}

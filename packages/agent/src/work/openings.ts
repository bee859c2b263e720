import {
  ascii,
  commitmentTo,
  concatBytes,
  equalBytes,
  fingerprintOf,
  isReplicated,
  openOwnStatement,
  openStatement,
  type RunStatement,
  runStatement,
  type Signer,
  type TaskKeys,
  type TaskManifest,
  type ToAgent,
  type ToPool,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { RunOutcome } from "../engines/index.js";

type Check = NonNullable<RunStatement["check"]>;
const [nonceBytes, half] = [12, 32];
const noBytes = new Uint8Array(0);

/**
 * What this agent has committed to. It travels with each run, sealed for the agent itself, and comes back when somebody may see it: a
 * result may be checked a day later, and an agent that has restarted meanwhile must not look like one that hides something.
 */
export class Openings {
  readonly #agent: Uint8Array;
  readonly #key: Uint8Array;

  constructor(signer: Signer) {
    this.#agent = signer.publicKey;
    // Ed25519 signs the same text alike each time (RFC 8032), and nothing else signs or shows this one: a secret that needs no file
    const secret = signer.sign(ascii("aegis-pool/v1/secret-of-own-openings"));
    this.#key = primitives.hkdf(secret, noBytes, ascii("aegis-pool/v1/own-openings"), 32);
  }

  /** Commits to what a run gave; undefined where nobody will hold it against another. */
  commit({ manifest, keys }: CheckableRun, outcome: RunOutcome): Check | undefined {
    if (!isReplicated(manifest.requirements)) return undefined;
    const given = outcome.ok
      ? ({ outcome: "completed", value: outcome.output } as const)
      : { outcome: outcome.reason, value: undefined };
    const nonce = primitives.randomBytes(half);
    const fingerprint = fingerprintOf(given, keys.content, primitives);
    const commitment = commitmentTo({ agent: this.#agent, nonce, fingerprint }, primitives);
    return { keys: manifest.keys, commitment, opening: this.#seal(concatBytes(nonce, fingerprint), commitment) };
  }

  /**
   * What was committed to, once others are too: whoever knew it before might pass it off as theirs. Undefined where `own` is not this
   * agent's run of the lease, or those others are not others, or ran another task.
   */
  open({ number, fence, own, others }: Extract<ToAgent, { type: "reveal" }>): ToPool | undefined {
    const run = openStatement(runStatement, own, this.#agent, primitives);
    if (run?.number !== number || run.fence !== fence || !run.check || others.length === 0) return undefined;
    const { check } = run;
    for (const signed of others) {
      const other = openOwnStatement(runStatement, signed, ({ agent }) => agent, primitives);
      if (!other?.check || equalBytes(other.agent, this.#agent) || !equalBytes(other.check.keys, check.keys)) {
        return undefined;
      }
    }
    const opened = this.#unseal(check);
    return opened && { type: "revealed", number, fence, nonce: opened.slice(0, half), fingerprint: opened.slice(half) };
  }

  #seal(opening: Uint8Array, commitment: Uint8Array): Uint8Array {
    const nonce = primitives.randomBytes(nonceBytes);
    return concatBytes(nonce, ...primitives.aesGcmSeal(this.#key, nonce, opening, commitment));
  }

  #unseal({ opening, commitment }: Check): Uint8Array | undefined {
    const nonce = opening.subarray(0, nonceBytes);
    return primitives.aesGcmOpen(this.#key, nonce, opening.subarray(nonceBytes), commitment);
  }
}

interface CheckableRun {
  readonly manifest: TaskManifest;
  readonly keys: TaskKeys;
}

import {
  AegisError,
  type AgentCertificate,
  fromCbor,
  leafHash,
  logHead,
  type LogHead,
  openStatement,
  type Primitives,
  SignedSchema,
  toCbor,
  verifyConsistency,
  verifyInclusion,
} from "@aegis-pool/core";
import { Check } from "typebox/value";

type GetJson = (path: string) => Promise<unknown>;

/**
 * Watches one pool's log: each head it shows must be signed by its key and extend those before, so that it cannot show
 * us a history of our own without leaving two signed heads that contradict each other.
 */
export class LogWatch {
  readonly pool: Uint8Array;
  readonly #primitives: Primitives;
  readonly #getJson: GetJson;
  #newest: LogHead | undefined;
  #checking: Promise<void> = Promise.resolve();
  #broken: AegisError | undefined;
  readonly #included = new Set<string>();

  constructor(pool: Uint8Array, primitives: Primitives, getJson: GetJson) {
    this.pool = pool;
    this.#primitives = primitives;
    this.#getJson = getJson;
  }

  /**
   * Looks at the head of a response; a larger log is proven consistent in the background.
   * @throws {AegisError} `log-mismatch` now, or at the next call where the proof failed meanwhile
   */
  see(header: string | null): void {
    if (this.#broken) throw this.#broken;
    const head = this.#open(header);
    const known = this.#newest;
    this.#newest ??= head;
    if (!known || head.size < known.size || this.#same(head, known)) return;
    if (head.size === known.size) throw this.#fail("shows two logs of the same length");
    this.#newest = head;
    this.#checking = this.#checking.then(() => this.#checkConsistency(known, head)).catch(() => undefined); // unreachable: the next call says so
  }

  /** @throws {AegisError} `log-mismatch` unless the agent's enrolment is an entry of the log */
  async requireEnrolment(certificate: AgentCertificate, agent: string): Promise<void> {
    const name = Buffer.from(this.#primitives.sha256(toCbor(certificate))).toString("hex");
    if (this.#included.has(name)) return;
    const { logIndex, revoked } = (await this.#getJson(`/v1/agents/${agent}`)) as {
      logIndex: number;
      revoked: boolean;
    };
    const head = this.#newest;
    if (!head) throw this.#fail("sends no log head");
    const { size, root } = head;
    const { proof } = (await this.#getJson(`/v1/log/inclusion?index=${logIndex}&size=${size}`)) as Proof;
    const leaf = leafHash(toCbor({ kind: "agent", certificate }), this.#primitives);
    const claim = { leaf, index: logIndex, size, root, proof: proof.map(fromBase64) };
    if (revoked || !verifyInclusion(claim, this.#primitives)) {
      throw this.#fail(`does not prove that agent ${agent.slice(0, 16)} is enrolled`);
    }
    this.#included.add(name);
  }

  async #checkConsistency(old: LogHead, head: LogHead): Promise<void> {
    const { proof } = (await this.#getJson(`/v1/log/consistency?from=${old.size}&to=${head.size}`)) as Proof;
    const hashes = proof.map(fromBase64);
    const claim = { oldSize: old.size, oldRoot: old.root, newSize: head.size, newRoot: head.root, proof: hashes };
    if (!verifyConsistency(claim, this.#primitives)) this.#fail("has taken back entries that it showed before");
  }

  #open(header: string | null): LogHead {
    const signed = parse(header ?? "");
    const head = Check(SignedSchema, signed) && openStatement(logHead, signed, this.pool, this.#primitives);
    if (!head) throw this.#fail("sends a log head that its key did not sign");
    return head;
  }

  #same(a: LogHead, b: LogHead): boolean {
    return a.size === b.size && Buffer.compare(a.root, b.root) === 0;
  }

  #fail(what: string): AegisError {
    this.#broken = new AegisError({
      code: "log-mismatch",
      message: `The pool ${what}.`,
      next: "Do not use this pool; keep its signed heads, they are evidence.",
    });
    return this.#broken;
  }
}

interface Proof {
  readonly proof: readonly string[];
}

function parse(text: string): unknown {
  try {
    return fromCbor(fromBase64(text));
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

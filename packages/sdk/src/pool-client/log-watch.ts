import {
  AegisError,
  type AgentCertificate,
  Check,
  equalBytes,
  fromBase64Url,
  fromCbor,
  leafHash,
  logHead,
  type LogHead,
  openStatement,
  type Primitives,
  SignedSchema,
  toCbor,
  toHex,
  treeRoot,
  Type,
  verifyConsistency,
  verifyInclusion,
} from "@aegis-pool/core";

type GetJson = (path: string) => Promise<unknown>;

/**
 * Watches one pool's log: each head it shows must be signed by its key and extend those before, so that it cannot show
 * us a history of our own without leaving two signed heads that contradict each other.
 */
export class LogWatch {
  readonly pool: Uint8Array;
  readonly #primitives: Primitives;
  readonly #getJson: GetJson;
  /** The longest log that was proven to extend what was shown before; the first head is taken as it comes. */
  #newest: LogHead | undefined;
  readonly #proven = new Set<string>();
  #checking: Promise<unknown> = Promise.resolve();
  #broken: AegisError | undefined;
  /** Why the newest head could not be proven: the pool did not answer. */
  #unanswered: unknown;
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
    if (!this.#newest) this.#proven.add(nameOf(head));
    this.#newest ??= head;
    if (this.#proven.has(nameOf(head))) return;
    if (head.size === this.#newest.size) throw this.#fail("shows two logs of the same length");
    this.#checking = this.#checking
      .then(() => this.#prove(head))
      .then(() => (this.#unanswered = undefined))
      .catch((error: unknown) => (this.#unanswered = error)); // unproven: not relied upon
  }

  /** @throws {AegisError} `log-mismatch` unless the agent's enrolment is an entry of the log */
  async requireEnrolment(certificate: AgentCertificate, agent: string): Promise<void> {
    const name = toHex(this.#primitives.sha256(toCbor(certificate)));
    if (this.#included.has(name)) return;
    const { logIndex, revoked } = (await this.#getJson(`/v1/agents/${agent}`)) as {
      logIndex: number;
      revoked: boolean;
    };
    const isThere = await this.#holds(toCbor({ kind: "agent", certificate }), logIndex);
    if (revoked || !isThere) throw this.#fail(`does not prove that agent ${agent.slice(0, 16)} is enrolled`);
    this.#included.add(name);
  }

  /**
   * @param what is proven by it, in words
   * @throws {AegisError} `log-mismatch` unless `entry` stands at `index` of the log
   */
  async requireEntry(entry: Uint8Array, index: number, what: string): Promise<void> {
    if (!(await this.#holds(entry, index))) throw this.#fail(`does not prove that ${what}`);
  }

  async #holds(entry: Uint8Array, index: number): Promise<boolean> {
    const { size, root } = await this.#headOver(index);
    if (index >= size) return false;
    const answer = await this.#getJson(`/v1/log/inclusion?index=${index}&size=${size}`);
    if (!Check(InclusionProof, answer)) return false;
    const claim = { leaf: leafHash(entry, this.#primitives), index, size, root, proof: answer.proof.map(fromBase64) };
    return verifyInclusion(claim, this.#primitives);
  }

  /** The newest proven head; where it does not cover `index`, after another was asked for: the proof of one that did may have been lost with a connection. */
  async #headOver(index: number): Promise<LogHead> {
    await this.#checking; // of the answer's own head, which is the first to cover a new entry
    if (this.#unanswered !== undefined && index >= (this.#newest?.size ?? 0)) {
      await this.#getJson("/v1/pool");
      await this.#checking;
      if (this.#unanswered !== undefined) throw this.#unanswered;
    }
    if (this.#broken) throw this.#broken;
    if (!this.#newest) throw this.#fail("sends no log head");
    return this.#newest;
  }

  /**
   * All entries of the log, which make the root of a head that the pool has signed: none is left out.
   * @throws {AegisError} `log-mismatch`
   */
  async entries(): Promise<Uint8Array[]> {
    const entries = await this.#page(0, 1); // its answer brings the head
    await this.#checking;
    if (this.#broken) throw this.#broken;
    const { size, root } = this.#newest ?? { size: 0, root: new Uint8Array(0) };
    if (size > mostEntries) throw this.#fail(`has a log of ${size} entries, more than can be read`);
    while (entries.length < size) {
      const page = await this.#page(entries.length, Math.min(entriesPerPage, size - entries.length));
      if (page.length === 0) throw this.#fail("does not show the whole of its log");
      entries.push(...page);
    }
    const leaves = entries.map((entry) => leafHash(entry, this.#primitives));
    if (!equalBytes(treeRoot(leaves, this.#primitives), root)) throw this.#fail("shows another log than it has signed");
    return entries;
  }

  async #page(start: number, limit: number): Promise<Uint8Array[]> {
    const answer = await this.#getJson(`/v1/log/entries?start=${start}&limit=${limit}`);
    if (!Check(Entries, answer)) throw this.#fail("does not show its log");
    return answer.entries.slice(0, limit).map(fromBase64);
  }

  /** Relies on `head` from now on if it and the newest proven one are of one history, whichever is longer. */
  async #prove(head: LogHead): Promise<void> {
    const known = this.#newest;
    if (!known || this.#proven.has(nameOf(head))) return;
    if (head.size === known.size) return void this.#fail("shows two logs of the same length");
    const [old, longer] = head.size < known.size ? [head, known] : [known, head];
    const proof = await this.#consistency(old.size, longer.size);
    const claim = { oldSize: old.size, oldRoot: old.root, newSize: longer.size, newRoot: longer.root, proof };
    if (!verifyConsistency(claim, this.#primitives))
      return void this.#fail("has taken back entries that it showed before");
    if (this.#proven.size >= rememberedHeads) this.#proven.clear();
    this.#proven.add(nameOf(head)).add(nameOf(longer));
    this.#newest = longer;
  }

  async #consistency(from: number, to: number): Promise<Uint8Array[]> {
    try {
      const { proof } = (await this.#getJson(`/v1/log/consistency?from=${from}&to=${to}`)) as Proof;
      return proof.map(fromBase64);
    } catch (error) {
      const away = error instanceof AegisError && error.code === "pool-unreachable";
      throw away ? error : this.#fail("does not prove that its log only grew");
    }
  }

  #open(header: string | null): LogHead {
    const signed = parse(header ?? "");
    const head = Check(SignedSchema, signed) && openStatement(logHead, signed, this.pool, this.#primitives);
    if (!head) throw this.#fail("sends a log head that its key did not sign");
    return head;
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

/** Heads that need no second proof, at most. */
const rememberedHeads = 1_024;
/** Entries of a log that is read whole, at most; and those of one answer, which the pool bounds too. */
const mostEntries = 1_000_000;
const entriesPerPage = 1_000;

function nameOf({ size, root }: LogHead): string {
  return `${size} ${toHex(root)}`;
}

interface Proof {
  readonly proof: readonly string[];
}

const InclusionProof = Type.Object({ proof: Type.Array(Type.String()) });
const Entries = Type.Object({ entries: Type.Array(Type.String()) });

function parse(text: string): unknown {
  try {
    return fromCbor(fromBase64(text));
  } catch {
    return undefined;
  }
}

/** What is no base64 proves nothing. */
function fromBase64(text: string): Uint8Array {
  return fromBase64Url(text) ?? new Uint8Array(0);
}

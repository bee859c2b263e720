import {
  GrowingTree,
  leafHash,
  logHead,
  type Primitives,
  type Signed,
  type Signer,
  signStatement,
  toCbor,
} from "@aegis-pool/core";
import type pg from "pg";
import type { Clock } from "./clock.js";

/** What can stand in the log: a kind, and what was signed. */
export type LogEntry =
  | { readonly kind: "pool"; readonly key: Uint8Array }
  | { readonly kind: "agent"; readonly certificate: unknown }
  | { readonly kind: "revocation"; readonly revocation: Signed }
  /** SHA-256 of the signed change, canonical: whoever holds the change can prove when it was taken, nobody else learns the address. */
  | { readonly kind: "payout"; readonly change: Uint8Array }
  /** Of a federated run's roster: see `rosterHash`. */
  | { readonly kind: "roster"; readonly roster: Uint8Array }
  /** SHA-256 of the body of an epoch's signed statement. */
  | { readonly kind: "epoch"; readonly epoch: Uint8Array };

/** A signed head is renewed when it is older than this, in ms, even where nothing was added. */
const headMs = 60_000;

/** The pool's append-only signed log (a Merkle tree as in RFC 9162). Its hashes are kept in memory, 64 bytes for each entry. */
export class TransparencyLog {
  readonly #database: pg.Pool;
  readonly #signer: Signer;
  readonly #primitives: Primitives;
  readonly #clock: Clock;
  readonly #tree: GrowingTree;
  #head: { signed: Signed; at: number } | undefined;
  #appending: Promise<unknown> = Promise.resolve();

  private constructor(parts: { database: pg.Pool; signer: Signer; primitives: Primitives; clock: Clock }) {
    this.#database = parts.database;
    this.#signer = parts.signer;
    this.#primitives = parts.primitives;
    this.#tree = new GrowingTree(parts.primitives);
    this.#clock = parts.clock;
  }

  /** The log as the database holds it; a new one starts with the pool's key. */
  static async open(parts: { database: pg.Pool; signer: Signer; primitives: Primitives; clock: Clock }) {
    const log = new TransparencyLog(parts);
    const { rows } = await parts.database.query<{ entry: Buffer }>("SELECT entry FROM log_entries ORDER BY index");
    for (const { entry } of rows) log.#tree.add(leafHash(entry, parts.primitives));
    if (rows.length === 0) await log.append({ kind: "pool", key: parts.signer.publicKey }, async () => undefined);
    return log;
  }

  get size(): number {
    return this.#tree.size;
  }

  /**
   * Adds `entry`, together with what `write` does in the same transaction.
   * @returns the entry's index
   */
  append(entry: LogEntry, write: (client: pg.PoolClient, index: number) => Promise<unknown>): Promise<number> {
    const appended = this.#appending.then(() => this.#append(toCbor(entry), write));
    this.#appending = appended.catch(() => undefined); // the caller hears of it
    return appended;
  }

  /** The newest head. */
  head(): Signed {
    const now = this.#clock();
    if (!this.#head || now - this.#head.at > headMs) this.#head = { at: now, signed: this.#sign(now) };
    return this.#head.signed;
  }

  /** That the entry at `index` is in the log of `size` entries. */
  inclusion(index: number, size: number): Uint8Array[] {
    return this.#tree.inclusion(index, size);
  }

  /** That the log of `from` entries is a prefix of the log of `to` entries. */
  consistency(from: number, to: number): Uint8Array[] {
    return this.#tree.consistency(from, to);
  }

  /** Up to `limit` entries from `start`. */
  async entries(start: number, limit: number): Promise<Uint8Array[]> {
    const { rows } = await this.#database.query<{ entry: Buffer }>(
      "SELECT entry FROM log_entries WHERE index >= $1 ORDER BY index LIMIT $2",
      [start, limit],
    );
    return rows.map(({ entry }) => entry);
  }

  async #append(entry: Uint8Array, write: (client: pg.PoolClient, index: number) => Promise<unknown>) {
    const index = this.#tree.size;
    const client = await this.#database.connect();
    try {
      await client.query("BEGIN");
      await client.query("INSERT INTO log_entries (index, entry) VALUES ($1, $2)", [index, entry]);
      await write(client, index);
      await client.query("COMMIT");
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#tree.add(leafHash(entry, this.#primitives));
    this.#head = undefined;
    return index;
  }

  #sign(now: number): Signed {
    const { size } = this.#tree;
    const statement = { pool: this.#signer.publicKey, size, root: this.#tree.root(), signedAt: now };
    return signStatement(logHead, statement, this.#signer);
  }
}

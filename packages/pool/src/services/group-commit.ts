import type pg from "pg";

/** One kind of write: how a batch of its operations is done in the current transaction; one answer per operation, in order. */
export interface WriteKind<Operation, Answer> {
  /** Kinds of one batch are written in ascending order, so that a write may rely on those that come before it. */
  readonly order: number;
  /**
   * It moves money, and takes several statements: it has transactions of its own, beside those of the others, so that the
   * pool has something to do while one of the two waits for the disk.
   */
  readonly money?: true;
  write(client: pg.PoolClient, operations: readonly Operation[]): Promise<readonly Answer[]>;
}

/** Most operations in one transaction. */
const batchOperations = 2_000;

interface Pending {
  readonly kind: WriteKind<never, unknown>;
  readonly operation: unknown;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes many operations per transaction: what arrives while one commit is under way shares the next. An operation is
 * answered after its commit, so what was acknowledged is durable. One transaction at a time moves money and one does all
 * else: each keeps the order of its writes, and whoever needs an order between the two waits for the first one's answer.
 */
export class GroupCommit {
  readonly #money: Lane;
  readonly #rest: Lane;

  /** @param onLost called when a commit fails: the pool's memory and the database may disagree, so it must stop */
  constructor(database: pg.Pool, onLost: (error: unknown) => void) {
    this.#money = new Lane(database, onLost);
    this.#rest = new Lane(database, onLost);
  }

  /** The answer to `operation`, once it is durable. */
  submit<Operation, Answer>(kind: WriteKind<Operation, Answer>, operation: Operation): Promise<Answer> {
    return (kind.money ? this.#money : this.#rest).submit(kind, operation);
  }

  /** Operations that wait for a commit. */
  get waiting(): number {
    return this.#money.waiting + this.#rest.waiting;
  }

  /** Resolves when nothing is left to write. */
  async drained(): Promise<void> {
    await this.#rest.drained();
    await this.#money.drained();
  }
}

/** Transactions one after another. */
class Lane {
  readonly #database: pg.Pool;
  readonly #onLost: (error: unknown) => void;
  #pending: Pending[] = [];
  #flushing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(database: pg.Pool, onLost: (error: unknown) => void) {
    this.#database = database;
    this.#onLost = onLost;
  }

  submit<Operation, Answer>(kind: WriteKind<Operation, Answer>, operation: Operation): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise<Answer>((resolve, reject) => {
      this.#pending.push({ kind, operation, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  get waiting(): number {
    return this.#pending.length;
  }

  async drained(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // what this turn of the event loop still adds shares the first commit
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, batchOperations);
      try {
        const answers = await this.#commit(batch);
        for (const [index, pending] of batch.entries()) pending.resolve(answers[index] as never);
      } catch (error) {
        // nothing that comes after what is missing is written: whoever reads it again would find a gap
        this.#failure = error instanceof Error ? error : new Error(String(error));
        for (const pending of [...batch, ...this.#pending.splice(0)]) pending.reject(error);
        this.#onLost(error);
      }
    }
    this.#flushing = undefined;
  }

  async #commit(batch: readonly Pending[]): Promise<unknown[]> {
    const answers: unknown[] = Array.from({ length: batch.length });
    const kinds = [...new Set(batch.map(({ kind }) => kind))].sort((a, b) => a.order - b.order);
    // a lone task waits for two such batches before it starts: two round trips less for each
    const several = kinds.length > 1 || kinds.some((kind) => kind.money);
    const client = await this.#database.connect();
    try {
      if (several) await client.query("BEGIN");
      for (const kind of kinds) {
        const indices = [...batch.keys()].filter((index) => batch[index]?.kind === kind);
        const operations = indices.map((index) => batch[index]?.operation as never);
        const written = await kind.write(client, operations);
        for (const [position, index] of indices.entries()) answers[index] = written[position];
      }
      if (several) await client.query("COMMIT");
      client.release();
      return answers;
    } catch (error) {
      client.release(true); // a broken connection is not reused; the server rolls back
      throw error;
    }
  }
}

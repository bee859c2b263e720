import { join } from "node:path";
import type { LedgerAnswer, LedgerOperation } from "@aegis-pool/core";
import type pg from "pg";
import { GroupCommit } from "./services/group-commit.js";
import { openDatabase } from "./store/database.js";
import { startEmbeddedPostgres } from "./store/embedded/index.js";
import { type Totals, totals } from "./store/ledger/reads.js";
import { moveMoney } from "./store/ledger/writes.js";
import { applyMigrations } from "./store/migrations.js";

/** A pool's books without a pool, for who measures or tests them. */
export interface Books {
  /** Resolves when it is durable. */
  apply(operation: LedgerOperation): Promise<LedgerAnswer>;
  totals(): Promise<Totals>;
  readonly database: pg.Pool;
  close(): Promise<void>;
}

/** Opens the books in `directory`, in a database of their own as a pool has it. */
export async function openBooks(directory: string): Promise<Books> {
  const server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), log: () => undefined });
  const database = openDatabase(server.connection);
  await applyMigrations(database);
  const kind = moveMoney(() => Date.now());
  const commit = new GroupCommit(database, () => undefined);
  return {
    apply: (operation) => commit.submit(kind, operation),
    totals: () => totals(database),
    database,
    close: async () => {
      await commit.drained();
      await database.end();
      await server.stop();
    },
  };
}

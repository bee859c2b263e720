import type { LedgerAnswer, LedgerOperation } from "@aegis-pool/core";
import type pg from "pg";
import { GroupCommit } from "./services/group-commit.js";
import { type Totals, totals } from "./store/ledger/reads.js";
import { moveMoney } from "./store/ledger/writes.js";
import { openOwnDatabase } from "./store/own-database.js";

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
  const own = await openOwnDatabase(directory);
  const { database } = own;
  const kind = moveMoney(() => Date.now());
  const commit = new GroupCommit(database, () => undefined);
  return {
    apply: (operation) => commit.submit(kind, operation),
    totals: () => totals(database),
    database,
    close: async () => {
      await commit.drained();
      await own.close();
    },
  };
}

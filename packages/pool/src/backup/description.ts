import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AegisError, Check, Exactly, type Static, Type } from "@aegis-pool/core";

/** Every table of the pool, each after those that it refers to; `schema_migrations` is made by the migrations themselves. */
export const backedUpTables = [
  "log_entries",
  "agents",
  "tasks",
  "outcomes",
  "held_results",
  "debts",
  "disputes",
  "judgement_records",
  "ended_leases",
  "ratings",
  "trust",
  "checks",
  "accounts",
  "balances",
  "transfers",
  "bond_notices",
  "operator_tiers",
  "payout_changes",
  "admin_actions",
  "reward_terms",
  "attendances",
  "epochs",
  "epoch_parts",
  "epoch_payouts",
  "operator_earnings",
  "bond_vestings",
  "address_claims",
  "deposit_cursor",
  "deposits",
  "federated_runs",
  "federated_events",
  "federated_rounds",
] as const;

/** The pool's own keys: a pool is its key. */
export const backedUpKeys = ["pool.key", "admin.key"] as const;

const Name = Type.String({ pattern: "^[a-z][a-z0-9_]{0,62}$" });
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What is in a backup, as `backup.json` says it. The file is written last: a folder without it is no backup. */
export const BackupDescription = Exactly({
  version: Type.Literal(1),
  /** The pool's key in hexadecimal. */
  pool: Sha256,
  /** ms since 1970. */
  at: Count,
  /** The newest migration that the database had. */
  migration: Type.Integer({ minimum: 1, maximum: 999 }),
  tables: Type.Array(
    Exactly({ name: Type.Enum([...backedUpTables]), columns: Type.Array(Name), rows: Count, sha256: Sha256 }),
  ),
  /** The last number that each identity column has given; null: none. */
  identities: Type.Array(
    Exactly({ table: Type.Enum([...backedUpTables]), column: Name, last: Type.Union([Count, Type.Null()]) }),
  ),
  keys: Type.Array(Exactly({ name: Type.Enum([...backedUpKeys]), sha256: Sha256 })),
  log: Exactly({ size: Count, root: Sha256 }),
  /** nAIS by kind of account. */
  books: Type.Record(Type.String(), Type.String({ pattern: "^-?[0-9]{1,19}$" })),
  blobs: Exactly({ count: Count, bytes: Count }),
});
export type BackupDescription = Static<typeof BackupDescription>;

export const descriptionFile = "backup.json";
export const tablePath = (folder: string, table: string) => join(folder, "tables", `${table}.copy`);
export const blobFolder = (folder: string) => join(folder, "blobs");

/** @throws {AegisError} `backup-damaged` */
export async function readDescription(folder: string): Promise<BackupDescription> {
  const text = await readFile(join(folder, descriptionFile), "utf8").catch(() => undefined);
  if (text === undefined) throw damaged(folder, `it has no ${descriptionFile}: it is no backup, or was not finished`);
  const value = parse(text);
  if (!Check(BackupDescription, value)) throw damaged(folder, `its ${descriptionFile} cannot be read`);
  return value;
}

export function damaged(folder: string, why: string): AegisError {
  return new AegisError({
    code: "backup-damaged",
    message: `${folder} cannot be restored: ${why}.`,
    next: "Take another backup, or another copy of this one.",
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AegisError } from "@aegis-pool/core";
import type pg from "pg";

/** The pool's own migrations. Two folders up is the package, from `src/store` and from `dist/store` alike. */
export const poolMigrations = fileURLToPath(new URL("../../src/sql/migrations/", import.meta.url));

interface Migration {
  readonly number: number;
  /** The file's name without `.sql`. */
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

type Applied = Pick<Migration, "number" | "name" | "sha256">;

/** "aegis" in ASCII; any number that no one else in this database takes. */
const advisoryLock = 0x6165676973;

/**
 * Brings `database` to the state that the files `NNN-slug.sql` in `directory` describe: each is applied once, in order,
 * in a transaction of its own that also records it, under an advisory lock, so that many pools may start at once. One
 * that fails leaves no trace; the next call goes on with it.
 * @param until the number of the last one that is wanted
 * @returns the names applied by this call
 * @throws {AegisError} `migration-changed` where an applied file was edited or is missing, `database-newer` where a
 * newer version has applied more, `migration-failed`, or `bad-argument` for names that are no numbered sequence
 */
export async function applyMigrations(
  database: pg.Pool,
  directory: string = poolMigrations,
  until = Infinity,
): Promise<readonly string[]> {
  const migrations = (await readMigrations(directory)).slice(0, until);
  const client = await database.connect();
  try {
    const applied: string[] = [];
    for (;;) {
      const name = await applyNext(client, migrations);
      if (name === undefined) return applied;
      applied.push(name);
    }
  } finally {
    client.release();
  }
}

/** Applies the first migration that is missing, if any. */
async function applyNext(client: pg.PoolClient, migrations: readonly Migration[]): Promise<string | undefined> {
  await client.query("BEGIN");
  try {
    const next = firstMissing(migrations, await lockAndReadApplied(client));
    if (next !== undefined) {
      await applyAndRecord(client, next);
    }
    await client.query("COMMIT");
    return next?.name;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}

async function applyAndRecord(client: pg.PoolClient, migration: Migration): Promise<void> {
  const { number, name, sql, sha256 } = migration;
  try {
    await client.query(sql);
  } catch (cause) {
    throw failed(migration, cause);
  }
  const insert = "INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)";
  await client.query(insert, [number, name, sha256]);
}

async function lockAndReadApplied(client: pg.PoolClient): Promise<Applied[]> {
  await client.query("SELECT pg_advisory_xact_lock($1)", [advisoryLock]);
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const { rows } = await client.query<Applied>("SELECT number, name, sha256 FROM schema_migrations ORDER BY number");
  return rows;
}

function firstMissing(migrations: readonly Migration[], applied: readonly Applied[]): Migration | undefined {
  for (const [index, row] of applied.entries()) {
    const migration = migrations[index];
    if (migration === undefined) throw newer(row, migrations.length);
    if (migration.name !== row.name || migration.sha256 !== row.sha256) throw changed(migration, row);
  }
  return migrations[applied.length];
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(names.map((name, index) => readMigration(directory, name, index + 1)));
}

async function readMigration(directory: string, file: string, number: number): Promise<Migration> {
  if (!/^\d{3}-[a-z0-9-]+\.sql$/.test(file) || Number(file.slice(0, 3)) !== number)
    throw misnamed(directory, file, number);
  // Git on Windows may have changed the line ends; that is no edit.
  const sql = (await readFile(join(directory, file), "utf8")).replaceAll("\r\n", "\n");
  return { number, name: file.slice(0, -".sql".length), sql, sha256: createHash("sha256").update(sql).digest("hex") };
}

function misnamed(directory: string, file: string, number: number): AegisError {
  const expected = `${String(number).padStart(3, "0")}-<lower-case-words>.sql`;
  return new AegisError({
    code: "bad-argument",
    message: `Migration ${file} in ${directory} should be named ${expected}: numbers go up by one, without gaps.`,
    next: "Restore the missing file, or rename the new one.",
  });
}

function changed(migration: Migration, row: Applied): AegisError {
  const what = migration.name === row.name ? "has other text" : `is missing (its number is now ${migration.name})`;
  return new AegisError({
    code: "migration-changed",
    message: `Migration ${row.name} was applied to this database, but its file ${what}.`,
    next: "Restore the file as it was released; to change the database, add a migration with the next number.",
  });
}

function newer(row: Applied, known: number): AegisError {
  return new AegisError({
    code: "database-newer",
    message: `The database has migration ${row.name}; this version of the pool knows ${known}.`,
    next: "Start the newer version of the pool again.",
  });
}

function failed({ name }: Migration, cause: unknown): AegisError {
  return new AegisError({
    code: "migration-failed",
    message: `Migration ${name} failed and was rolled back: ${(cause as Error).message}`,
    next: "Correct the cause and start the pool again; it goes on with this migration.",
    cause,
  });
}

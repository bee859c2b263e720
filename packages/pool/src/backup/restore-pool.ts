import { createReadStream } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AegisError } from "@aegis-pool/core";
import { hasCode, primitives } from "@aegis-pool/platform";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { openDatabase, requireReachable } from "../store/database.js";
import { totals } from "../store/ledger/reads.js";
import { applyMigrations, poolMigrations } from "../store/migrations.js";
import { openOwnDatabase } from "../store/own-database.js";
import { type BackupDescription, blobFolder, damaged, readDescription, tablePath } from "./description.js";
import { logRoot } from "./log-root.js";
import { measureFile } from "./write-backup.js";

/** What is restored, and where to. */
export interface RestoreOptions {
  /** The backup's folder. */
  readonly from: string;
  /** The pool's folder: it must not be there yet, or be empty. */
  readonly directory: string;
  /** An empty PostgreSQL by URL; by default an own server in `directory`. */
  readonly database?: string | undefined;
}

/**
 * Makes a pool from a backup, in a folder of its own. All of the backup is checked before anything is made, and what was
 * loaded once more: the log's root, the books, and every blob. Where it fails there is no pool.
 * @throws {AegisError} `backup-damaged`, `bad-argument`, `database-newer`, `disk-full`
 */
export async function restorePool({ from, directory, database: url }: RestoreOptions): Promise<BackupDescription> {
  const description = await readDescription(from);
  await checkFiles(from, description);
  await requireEmpty(directory);
  const making = `${directory}.${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(making, { recursive: true, mode: 0o711 });
    await restoreBlobs(from, making, description);
    await restoreDatabase(from, description, { making, url });
    for (const { name } of description.keys) await copyFile(join(from, name), join(making, name));
    await removeEmpty(directory);
    await rename(making, directory);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
  return description;
}

/** Before anything is made. */
async function checkFiles(from: string, { tables, keys }: BackupDescription): Promise<void> {
  for (const { name, rows, sha256 } of tables) {
    const found = await measureFile(tablePath(from, name)).catch(() => undefined);
    if (found?.sha256 !== sha256 || found.lines !== rows)
      throw damaged(from, `the table ${name} is not what was written`);
  }
  for (const { name, sha256 } of keys) {
    const found = await measureFile(join(from, name)).catch(() => undefined);
    if (found?.sha256 !== sha256) throw damaged(from, `${name} is not what was written`);
  }
}

async function requireEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  if (names.length > 0) throw notEmpty(directory);
}

/** What has come there meanwhile stays, and nothing is renamed over it. */
async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return;
    throw hasCode(error, "ENOTEMPTY") ? notEmpty(directory) : error;
  });
}

async function restoreDatabase(
  from: string,
  description: BackupDescription,
  { making, url }: { making: string; url: string | undefined },
): Promise<void> {
  const until = description.migration;
  const opened = url === undefined ? await openOwnDatabase(making, until) : await openGiven(url, until);
  try {
    await inTransaction(opened.database, async (client) => {
      await requireUnused(client, url ?? making);
      await loadTables(from, client, description);
      await checkLoaded(from, client, description);
    });
    await applyMigrations(opened.database);
  } finally {
    await opened.close();
  }
}

async function openGiven(url: string, until: number) {
  await requireReachable(url);
  const database = openDatabase(url);
  await applyMigrations(database, poolMigrations, until);
  return { database, close: () => database.end() };
}

async function requireUnused(client: pg.PoolClient, place: string): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM log_entries LIMIT 1");
  if (rowCount !== 0) throw notEmpty(place);
}

async function loadTables(
  from: string,
  client: pg.PoolClient,
  { tables, identities }: BackupDescription,
): Promise<void> {
  // the accounts that every pool begins with are in the backup too
  for (const name of ["accounts", "balances"]) await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
  for (const name of ["balances", "accounts"]) await client.query(`DELETE FROM ${name}`);
  for (const { name, columns } of tables) {
    const copy = client.query(copyFrom(`COPY ${name} (${columns.join(", ")}) FROM STDIN`));
    await pipeline(createReadStream(tablePath(from, name)), copy);
  }
  for (const name of ["accounts", "balances"]) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
  for (const { table, column, last } of identities) {
    if (last !== null) await client.query("SELECT setval(pg_get_serial_sequence($1, $2), $3)", [table, column, last]);
  }
}

/** What was loaded says of itself what was written of it. */
async function checkLoaded(from: string, client: pg.PoolClient, { log, books }: BackupDescription): Promise<void> {
  const { size, root } = await logRoot(client, primitives);
  if (size !== log.size || root !== log.root) throw damaged(from, "its log has another root than was written");
  const loaded = Object.entries(await totals(client));
  const differ = loaded.some(([kind, sum]) => books[kind] !== String(sum));
  const balance = loaded.reduce((sum, [, total]) => sum + total, 0n);
  if (differ || balance !== 0n) throw damaged(from, "its books do not balance as was written");
}

async function restoreBlobs(from: string, making: string, { blobs }: BackupDescription): Promise<void> {
  const complete = join(making, "blobs", "complete");
  await mkdir(complete, { recursive: true, mode: 0o700 });
  let count = 0;
  for (const id of await readdir(blobFolder(from))) {
    const target = join(complete, id);
    await copyFile(join(blobFolder(from), id), target);
    if ((await measureFile(target)).sha256 !== id) throw damaged(from, `the blob ${id} is not what its name says`);
    count++;
  }
  if (count !== blobs.count) throw damaged(from, `it has ${count} blobs of ${blobs.count}`);
}

async function inTransaction(database: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await database.connect();
  try {
    await client.query("BEGIN");
    await work(client);
    await client.query("COMMIT");
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

const notEmpty = (place: string) =>
  new AegisError({
    code: "bad-argument",
    message: `${place} is not empty: nothing there is overwritten.`,
    next: "Restore into a folder that is not there yet, or an empty database.",
  });

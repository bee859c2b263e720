import { createReadStream, createWriteStream } from "node:fs";
import { constants, copyFile, link, mkdir, readFile, rm } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { AegisError, type Primitives } from "@aegis-pool/core";
import { hasCode, writeAtomically } from "@aegis-pool/platform";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { BlobStore } from "../store/blobs/index.js";
import { totals } from "../store/ledger/reads.js";
import {
  backedUpKeys,
  backedUpTables,
  type BackupDescription,
  blobFolder,
  descriptionFile,
  tablePath,
} from "./description.js";
import { logRoot } from "./log-root.js";
import { MeasuredStream } from "./measured-stream.js";

/** What is backed up. */
export interface BackupSource {
  readonly database: pg.Pool;
  readonly blobs: BlobStore;
  /** The pool's folder. */
  readonly directory: string;
  /** The pool's key in hexadecimal. */
  readonly pool: string;
  readonly primitives: Primitives;
}

/**
 * Writes a running pool into a new folder: the database as it is at one moment, the blobs (as further names of the same files, where the disk allows it) and the pool's keys.
 * Nothing may remove blobs meanwhile.
 * @param at ms since 1970
 * @throws {AegisError} `bad-argument` where the folder is there already, `disk-full`
 */
export async function writeBackup(folder: string, source: BackupSource, at: number): Promise<BackupDescription> {
  await makeFolder(folder);
  try {
    return await writeInto(folder, source, at);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function writeInto(folder: string, source: BackupSource, at: number): Promise<BackupDescription> {
  const tables = await inOneMoment(source.database, (client) => copyDatabase(folder, client, source.primitives));
  const blobs = await keepBlobs(folder, source);
  const keys: BackupDescription["keys"] = [];
  // one after another: where one fails, no other is still being written
  for (const name of backedUpKeys) keys.push(await copyKey(folder, source.directory, name));
  const description = { version: 1 as const, pool: source.pool, at, ...tables, blobs, keys };
  await writeAtomically(join(folder, descriptionFile), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(join(folder, ".."), { recursive: true, mode: 0o700 });
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    throw hasCode(error, "EEXIST") ? alreadyThere(folder) : error;
  });
  for (const part of ["tables", "blobs"]) await mkdir(join(folder, part), { mode: 0o700 });
}

/** What is read sees one state of the database, whatever is committed meanwhile. */
async function inOneMoment<T>(database: pg.Pool, read: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const result = await read(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function copyDatabase(folder: string, client: pg.PoolClient, primitives: Primitives) {
  const { rows } = await client.query<{ newest: number }>("SELECT max(number) AS newest FROM schema_migrations");
  const tables: BackupDescription["tables"] = [];
  for (const name of backedUpTables) tables.push(await copyTable(folder, client, name));
  const log = await logRoot(client, primitives);
  const books = Object.fromEntries(Object.entries(await totals(client)).map(([kind, sum]) => [kind, String(sum)]));
  return { migration: rows[0]?.newest ?? 0, tables, identities: await identitiesOf(client), log, books };
}

async function copyTable(folder: string, client: pg.PoolClient, name: (typeof backedUpTables)[number]) {
  const { rows } = await client.query<{ column_name: string }>(
    "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema AND table_name = $1 ORDER BY ordinal_position",
    [name],
  );
  const columns = rows.map(({ column_name: column }) => column);
  const measured = new MeasuredStream();
  const out = createWriteStream(tablePath(folder, name), { flags: "wx", mode: 0o600, flush: true });
  await pipeline(client.query(copyTo(`COPY ${name} (${columns.join(", ")}) TO STDOUT`)), measured, out);
  return { name, columns, rows: measured.lines, sha256: measured.sha256() };
}

async function identitiesOf(client: pg.PoolClient): Promise<BackupDescription["identities"]> {
  const { rows } = await client.query<BackupDescription["identities"][number]>(
    `SELECT table_name AS table, column_name AS column, pg_sequence_last_value(pg_get_serial_sequence(table_name, column_name)) AS last
     FROM information_schema.columns WHERE table_schema = current_schema AND is_identity = 'YES' ORDER BY 1, 2`,
  );
  return rows;
}

/** A blob never changes: another name of its file is as good as a copy, and takes no room. */
async function keepBlobs(folder: string, { blobs, directory }: BackupSource) {
  let [count, bytes] = [0, 0];
  for await (const { id, sizeBytes } of blobs.list()) {
    const [from, to] = [join(directory, "blobs", "complete", id), join(blobFolder(folder), id)];
    await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_FICLONE));
    count++;
    bytes += sizeBytes;
  }
  return { count, bytes };
}

async function copyKey(folder: string, directory: string, name: (typeof backedUpKeys)[number]) {
  const pem = await readFile(join(directory, name));
  await writeAtomically(join(folder, name), pem);
  return { name, sha256: createHash("sha256").update(pem).digest("hex") };
}

/** The SHA-256 of a file in hexadecimal, and how many lines it has. */
export async function measureFile(path: string): Promise<{ sha256: string; lines: number }> {
  const measured = new MeasuredStream();
  await pipeline(createReadStream(path), measured.resume());
  return { sha256: measured.sha256(), lines: measured.lines };
}

const alreadyThere = (folder: string) =>
  new AegisError({
    code: "bad-argument",
    message: `${folder} is there already.`,
    next: "Give the backup another name.",
  });

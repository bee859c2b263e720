import { execFile } from "node:child_process";
import { chown, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/store/embedded/index.js";
import { saidBy, startChild } from "./child-process.js";
import { databaseDirectories, temporaryDirectory } from "./temporary.js";

const directoryWithDatabase = databaseDirectories();

/** Starts one that is stopped after the test. */
async function started(directory: string, log?: (line: string) => void): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({ directory, ...(log && { log }) });
  onTestFinished(() => database.stop());
  return database;
}

async function rowsOf<Row extends pg.QueryResultRow>(database: EmbeddedPostgres, sql: string): Promise<Row[]> {
  const client = new pg.Client(database.connection);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("an embedded PostgreSQL", () => {
  test("makes the database, keeps its rows over a stop, and lets go of the directory", async () => {
    const directory = await temporaryDirectory();
    const first = await started(directory);
    await rowsOf(first, "CREATE TABLE kept AS SELECT 42 AS number");
    await first.stop();
    expect(await first.ended).toBeUndefined();
    expect(await rowsOf(await started(directory), "SELECT number FROM kept")).toEqual([{ number: 42 }]);
  });

  test("listens on no network, and nobody but its own account may look into its data", async () => {
    const directory = await directoryWithDatabase();
    const database = await started(directory);
    const listening = await rowsOf(database, "SHOW listen_addresses");
    expect(listening).toEqual([{ listen_addresses: "" }]);
    const { mode, uid } = await stat(join(directory, "data"));
    expect(mode & 0o777).toBe(0o700);
    expect(uid).toBe(process.getuid?.() === 0 ? 65534 : process.getuid?.());
  });

  test("commits durably, whatever a configuration file says", async () => {
    const directory = await directoryWithDatabase();
    const first = await started(directory);
    await rowsOf(first, "ALTER SYSTEM SET fsync = off");
    await rowsOf(first, "ALTER SYSTEM SET synchronous_commit = off");
    await first.stop();
    const second = await started(directory);
    const names = "'fsync', 'synchronous_commit', 'full_page_writes'";
    const settings = await rowsOf(second, `SELECT DISTINCT setting FROM pg_settings WHERE name IN (${names})`);
    expect(settings).toEqual([{ setting: "on" }]);
  });

  test("can be reached however long the path of its directory is", async () => {
    const directory = join(await temporaryDirectory(), "long".repeat(30), "longer".repeat(20));
    const database = await started(directory);
    expect(await rowsOf(database, "SELECT 7 AS answer")).toEqual([{ answer: 7 }]);
    expect((await stat(join(database.connection.host, ".."))).mode & 0o777).toBe(0o700);
    await database.stop();
    await expect(stat(database.connection.host)).rejects.toThrow("ENOENT");
  });

  test("writes no statement and no value to its log", async () => {
    const lines: string[] = [];
    const database = await started(await directoryWithDatabase(), (line) => lines.push(line));
    await rowsOf(database, "CREATE TABLE secret (name text PRIMARY KEY)");
    const twice = "INSERT INTO secret VALUES ('canary'), ('canary')";
    await expect(rowsOf(database, twice)).rejects.toThrow("duplicate key");
    await database.stop();
    expect(lines.join("\n")).toContain("duplicate key");
    expect(lines.join("\n")).not.toMatch(/canary|INSERT/);
  });
});

describe("a directory that cannot be used", () => {
  test("is refused while another pool holds it, which the error names", async () => {
    const directory = await directoryWithDatabase();
    const child = startChild("database", [directory]);
    await saidBy(child);
    await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({
      code: "directory-in-use",
      message: expect.stringContaining(`process ${child.process.pid}`) as string,
    });
  });

  test("is refused while this very process holds it", async () => {
    const directory = await directoryWithDatabase();
    await started(directory);
    await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({ code: "directory-in-use" });
  });

  test("is refused when another major version made it", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "data"));
    await writeFile(join(directory, "data", "PG_VERSION"), "15\n");
    await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({
      code: "database-version",
      message: expect.stringMatching(/PostgreSQL 15; .* PostgreSQL 18/) as string,
    });
  });

  test("is refused, and left alone, when it holds something else", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "data"));
    await writeFile(join(directory, "data", "thesis.txt"), "years of work");
    await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({ code: "database-version" });
    expect(await readdir(join(directory, "data"))).toEqual(["thesis.txt"]);
  });

  test("is refused when the data in it is damaged, with the server's own words", async () => {
    const directory = await directoryWithDatabase();
    await (await started(directory)).stop();
    await writeFile(join(directory, "data", "global", "pg_control"), "");
    await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({
      code: "database-failed",
      message: expect.stringContaining("pg_control") as string,
    });
  });

  test.runIf(process.getuid?.() !== 0)("is refused when the pool's account may not write it", async () => {
    await expect(startEmbeddedPostgres({ directory: "/usr/lib/aegis" })).rejects.toMatchObject({
      code: "directory-unreachable",
    });
  });
});

describe.runIf(process.getuid?.() === 0)("as root, which PostgreSQL refuses", () => {
  test("works below a directory that the database's account cannot pass", async () => {
    const closed = join(await temporaryDirectory(), "closed");
    await mkdir(closed, { mode: 0o700 });
    const database = await started(join(closed, "pool", "database"));
    expect((await stat(`/proc/${database.pid}`)).uid).toBe(65534);
    expect(await rowsOf(database, "SELECT 7 AS answer")).toEqual([{ answer: 7 }]);
  });

  test("goes on with a database that an ordinary user made, under that user", async () => {
    const directory = await directoryWithDatabase();
    await (await started(directory)).stop();
    const { stdout } = await promisify(execFile)("find", [
      join(directory, "data"),
      "-exec",
      "chown",
      "65533:65533",
      "{}",
      "+",
    ]);
    expect(stdout).toBe("");
    expect((await stat(`/proc/${(await started(directory)).pid}`)).uid).toBe(65533);
  });

  test("is not needed: everything works for an ordinary user too", async () => {
    const directory = await temporaryDirectory();
    await chown(directory, 65534, 65534);
    const child = startChild("database", [directory], { uid: 65534, gid: 65534 });
    expect(await saidBy(child)).toMatchObject({ pid: expect.any(Number) as number });
    child.send("stop");
    expect(await saidBy(child)).toEqual({ stopped: true });
  });
});

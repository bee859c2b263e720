import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type DatabaseConnection, startEmbeddedPostgres } from "../../src/store/embedded/index.js";
import { type Child, saidBy, startChild } from "./child-process.js";
import { gone, isAlive, killWatcherOf } from "./processes.js";
import { databaseDirectories, temporaryDirectory } from "./temporary.js";

const isLinux = process.platform === "linux";

const directoryWithDatabase = databaseDirectories();

async function started(directory: string) {
  const database = await startEmbeddedPostgres({ directory });
  onTestFinished(() => database.stop());
  return database;
}

/** A child pool that inserts without end; returns once it has told of `rows` acknowledged rows. */
async function insertingPool(directory: string, rows = 20): Promise<{ child: Child; server: number }> {
  const child = startChild("database", [directory]);
  const { pid = 0 } = await saidBy(child);
  child.send("insert forever");
  while (((await saidBy(child)).acknowledged ?? 0) < rows - 1);
  return { child, server: pid };
}

/** The highest row that the killed child told of: what it printed before it died counts. */
async function lastAcknowledged(child: Child): Promise<number> {
  let last = -1;
  for (;;) {
    const line = await child.line().catch(() => undefined);
    if (line === undefined) return last;
    last = (JSON.parse(line) as { acknowledged: number }).acknowledged;
  }
}

async function keptRows(connection: DatabaseConnection): Promise<number> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query<{ count: number }>("SELECT count(*)::int AS count FROM kept");
  await client.end();
  return rows[0]?.count ?? 0;
}

describe("acknowledged rows are there", () => {
  test("after kill -9 of the pool, whose server ends with it", async () => {
    const directory = await directoryWithDatabase();
    const { child, server } = await insertingPool(directory);
    await child.kill();
    const acknowledged = await lastAcknowledged(child);
    await gone(server);
    expect(await keptRows((await started(directory)).connection)).toBeGreaterThan(acknowledged);
    expect(await readdir(join(directory, "lock"))).toHaveLength(1);
  });

  test("after kill -9 of the pool when the next starts at once, while the old server shuts down", async () => {
    const directory = await directoryWithDatabase();
    const { child } = await insertingPool(directory);
    await child.kill();
    const acknowledged = await lastAcknowledged(child);
    expect(await keptRows((await started(directory)).connection)).toBeGreaterThan(acknowledged);
  });

  test.runIf(isLinux)("after kill -9 of the pool when its server lives on: the next pool stops it first", async () => {
    const directory = await directoryWithDatabase();
    const { child, server } = await insertingPool(directory);
    killWatcherOf(server);
    await child.kill();
    const acknowledged = await lastAcknowledged(child);
    expect(isAlive(server)).toBe(true);
    const next = await started(directory);
    expect(isAlive(server)).toBe(false);
    expect(await keptRows(next.connection)).toBeGreaterThan(acknowledged);
  });

  test("after kill -9 of pool and server together", async () => {
    const directory = await directoryWithDatabase();
    const { child, server } = await insertingPool(directory);
    process.kill(server, "SIGKILL");
    await child.kill();
    const acknowledged = await lastAcknowledged(child);
    expect(await keptRows((await started(directory)).connection)).toBeGreaterThan(acknowledged);
  });

  test("after kill -9 of the server, which the living pool starts again", async () => {
    const directory = await directoryWithDatabase();
    const database = await started(directory);
    const client = new pg.Client(database.connection);
    client.on("error", () => undefined); // its connection is about to break
    await client.connect();
    await client.query("CREATE TABLE kept AS SELECT generate_series(1, 30)");
    const killed = database.pid;
    process.kill(killed, "SIGKILL");
    await vi.waitFor(() => expect(database.pid).not.toBe(killed), { timeout: 10_000, interval: 5 });
    expect(await keptRows(database.connection)).toBe(30);
  });
});

describe("a start after a crash", () => {
  test.runIf(isLinux)("ends a query that outlived its killed server", async () => {
    const database = await started(await directoryWithDatabase());
    const client = new pg.Client(database.connection);
    client.on("error", () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const backend = rows[0]?.pid ?? 0;
    const endless = client.query("DO $$ BEGIN LOOP END LOOP; END $$").catch((error: unknown) => error);
    const killed = database.pid;
    process.kill(killed, "SIGKILL");
    await vi.waitFor(() => expect(database.pid).not.toBe(killed), { timeout: 10_000, interval: 5 });
    expect(isAlive(backend)).toBe(false);
    expect(await endless).toBeInstanceOf(Error);
  });

  test("is not misled when another process has the old server's number by now", async () => {
    const directory = await directoryWithDatabase();
    await (await started(directory)).stop();
    const stranger = await strangerOfTheSameAccount();
    const lines = (number: number | undefined) => `${number}\n${join(directory, "data")}\n1700000000\n5432\n`;
    await writeFile(join(directory, "data", "postmaster.pid"), lines(stranger.pid));
    await writeFile(join(directory, "data", ".s.PGSQL.5432.lock"), lines(stranger.pid));
    await started(directory);
    expect(stranger.exitCode).toBeNull();
  });

  test("survives lock files that a crash left empty", async () => {
    const directory = await directoryWithDatabase();
    await (await started(directory)).stop();
    await writeFile(join(directory, "data", "postmaster.pid"), "");
    const database = await started(directory);
    expect(await readFile(join(directory, "data", "postmaster.pid"), "utf8")).toContain(String(database.pid));
  });

  test("clears away a database that was killed while it was being made", async () => {
    const directory = await temporaryDirectory();
    const child = startChild("database", [directory]);
    await vi.waitFor(async () => expect(await readdir(directory)).toContain("data.new"), {
      timeout: 10_000,
      interval: 2,
    });
    await child.kill();
    await started(directory);
    expect((await readdir(directory)).filter((name) => name.startsWith("data"))).toEqual(["data"]);
  });

  test("gives up with a reason when something kills the server again and again", async () => {
    const database = await startEmbeddedPostgres({ directory: await directoryWithDatabase() });
    for (let restarts = 0; restarts < 6; restarts++) {
      const killed = database.pid;
      process.kill(killed, "SIGKILL");
      if (restarts === 5) break;
      await vi.waitFor(() => expect(database.pid).not.toBe(killed), { timeout: 10_000, interval: 5 });
    }
    expect(await database.ended).toMatchObject({ code: "database-failed" });
    await database.stop();
  });
});

/** A process that the database's account could signal, so that PostgreSQL would take it for an old server. */
async function strangerOfTheSameAccount(): Promise<ChildProcess> {
  const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const stranger = spawn(process.execPath, ["-e", "process.stdin.resume()"], { ...account, cwd: "/" });
  onTestFinished(() => void stranger.kill("SIGKILL"));
  return stranger;
}

import { appendFile, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { nanoAisPerAis, protocolLimits, toHex } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import pg from "pg";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { TestClock } from "../../../../test/fixtures/clock.js";
import { newDatabase } from "../../../../test/fixtures/postgres.js";
import { present } from "../../../../test/fixtures/present.js";
import { recordingLog } from "../../../../test/fixtures/recording-log.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { Account, PoolAdmin, PoolClient, sharedPool } from "../../../../test/fixtures/test-pool.js";
import { backedUpTables } from "../../src/backup/description.js";
import { restorePool, startPool } from "../../src/index.js";

const pool = sharedPool();
const admin = async () =>
  new PoolAdmin(pool().client, await openKeyFile(join(pool().directory, "admin.key"), createEd25519Signer));

let names = 0;
/** Has the pool back itself up; @returns the folder, which the test may spoil */
async function backedUp(): Promise<string> {
  const { backup } = await (await admin()).change({ do: "backup", name: `backup-${names++}` });
  return present(backup).folder;
}

/** An empty database and a folder that is not there yet. */
async function elsewhere() {
  const [temporary, database] = [await temporaryDirectory(), await newDatabase()];
  onTestFinished(async () => {
    await Promise.all([database.remove(), temporary.remove()]);
  });
  return { directory: join(temporary.path, "restored"), database: database.url };
}

/** A task that has run, with a result that is a blob, and one that waits. */
async function someWork() {
  const { agent, link } = await ScriptedAgent.ready(pool());
  const requester = await ScriptedRequester.create(pool().client);
  const releaser = await requester.connect();
  await requester.submit(["x"]);
  const task = await agent.take(link);
  await requester.releaseNext(releaser);
  const output = Buffer.alloc(protocolLimits.inlineBytes + 1, 1);
  const { inline, ...result } = agent.result(task, present(await agent.keysOf(task, link)), { output });
  const blob = toHex(await pool().client.upload(present(inline)));
  link.send(result);
  await link.next("settled");
  await link.close();
  await requester.submit(["waits"]);
  await releaser.close();
  return { agent, requester, blob };
}

let work: Awaited<ReturnType<typeof someWork>>;
beforeAll(async () => {
  work = await someWork();
});

describe("a pool that is restored from its backup", () => {
  it("is the same pool: its key, log, books, work, blobs, agents and rules", async () => {
    const place = await elsewhere();
    await (await admin()).change({ do: "set", name: "resultDays", value: 77 });
    const from = await backedUp();
    const before = { books: await pool().client.books(), size: (await (await admin()).status()).log };
    const { pool: key } = await restorePool({ from, ...place });
    const running = await startPool({
      ...place,
      host: "127.0.0.1",
      port: 0,
      log: recordingLog(),
      clock: new TestClock().now,
    });
    onTestFinished(() => running.stop());
    expect([running.key, key]).toEqual([toHex(pool().client.key), toHex(pool().client.key)]);
    const client = await PoolClient.connect(running.url, key);
    expect(await client.books()).toEqual(before.books);
    const root = new PoolAdmin(client, await openKeyFile(join(place.directory, "admin.key"), createEd25519Signer));
    const { log, parameters } = await root.status();
    expect([log, parameters.find(({ name }) => name === "resultDays")?.value]).toEqual([before.size, 77]);
    expect((await client.job(work.requester.secret.signer)).counts).toMatchObject({ queued: 1, completed: 1 });
    expect((await fetch(`${running.url}/v1/blobs/${work.blob}`)).ok).toBe(true);
    const operator = new Account(client, work.agent.keys.operator);
    expect(await operator.balance("operator")).toBe(
      await new Account(pool().client, work.agent.keys.operator).balance("operator"),
    );
    for await (const earning of operator.earnings()) expect(earning.problem).toBeUndefined();
  });

  it("counts on from where it was: what is new has numbers of its own", async () => {
    const place = await elsewhere();
    await restorePool({ from: await backedUp(), ...place });
    const options = { ...place, host: "127.0.0.1", port: 0, log: recordingLog(), testMoney: true };
    const running = await startPool(options);
    onTestFinished(() => running.stop());
    const account = new Account(await PoolClient.connect(running.url), createEd25519Signer());
    expect(await account.fund(nanoAisPerAis)).toBe(nanoAisPerAis);
    expect((await (await PoolClient.connect(running.url)).books()).sum).toBe(0n);
  });

  it("can have a server of its own", async () => {
    const temporary = await temporaryDirectory();
    onTestFinished(() => temporary.remove());
    const directory = join(temporary.path, "restored");
    await restorePool({ from: await backedUp(), directory });
    expect(await readdir(temporary.path)).toEqual(["restored"]);
    const running = await startPool({ directory, host: "127.0.0.1", port: 0, log: recordingLog() });
    const { totals } = await (await PoolClient.connect(running.url)).books();
    await running.stop();
    expect(totals).toEqual((await pool().client.books()).totals);
  });

  it("has books that balance, though money moved all the while", async () => {
    const account = new Account(pool().client, createEd25519Signer());
    const written = new AbortController();
    const moving = Array.from({ length: 8 }, async () => {
      while (!written.signal.aborted) await account.fund(1n);
    });
    const from = await backedUp();
    written.abort();
    await Promise.all(moving);
    const { books } = await restorePool({ from, ...(await elsewhere()) });
    expect(Object.values(books).reduce((sum, amount) => sum + BigInt(amount), 0n)).toBe(0n);
  });
});

describe("a backup", () => {
  it("has every table of the pool", async () => {
    const place = await elsewhere();
    await restorePool({ from: await backedUp(), ...place });
    const client = new pg.Client({ connectionString: place.database });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema",
    );
    await client.end();
    expect(rows.map(({ name }) => name).toSorted()).toEqual([...backedUpTables, "schema_migrations"].toSorted());
  });

  it("is readable by its owner alone", async () => {
    const folder = await backedUp();
    for (const name of ["backup.json", "pool.key", "tables/tasks.copy"]) {
      expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
    }
  });

  it("is written by owners alone, and never over another", async () => {
    const moderator = createEd25519Signer();
    await (await admin()).change({ do: "grant", key: moderator.publicKey, role: "moderator" });
    const asked = new PoolAdmin(pool().client, moderator).change({ do: "backup", name: "theirs" });
    await expect(asked).rejects.toMatchObject({ code: "not-allowed" });
    const name = basename(await backedUp());
    await expect((await admin()).change({ do: "backup", name })).rejects.toMatchObject({
      ...{ code: "bad-argument", message: expect.stringContaining("is there already") as string },
    });
  });

  it("that fails leaves nothing behind, and its name is free again", async () => {
    const root = await admin();
    const key = join(pool().directory, "admin.key");
    await rename(key, `${key}.away`);
    await expect(root.change({ do: "backup", name: "again" })).rejects.toMatchObject({ code: "internal" });
    expect(await readdir(join(pool().directory, "backups"))).not.toContain("again");
    await rename(`${key}.away`, key);
    expect((await root.change({ do: "backup", name: "again" })).backup?.rows).toBeGreaterThan(0);
  });

  it.each([
    ["was not finished", (folder: string) => rm(join(folder, "backup.json")), "was not finished"],
    [
      "has a description of another kind",
      (folder: string) => writeFile(join(folder, "backup.json"), "{}"),
      "cannot be read",
    ],
    [
      "has a table that was added to",
      (folder: string) => appendFile(join(folder, "tables/transfers.copy"), "1\n"),
      "the table transfers",
    ],
    ["lacks a table", (folder: string) => rm(join(folder, "tables/outcomes.copy")), "the table outcomes"],
    ["has another key", (folder: string) => writeFile(join(folder, "pool.key"), "another"), "pool.key is not"],
    [
      "lacks a blob",
      async (folder: string) => rm(join(folder, "blobs", await oneBlob(folder))),
      /has \d+ blobs of \d+/,
    ],
    ["has a blob that was changed", (folder: string) => changeBlob(folder), "is not what its name says"],
    ["has books that were changed", (folder: string) => changeBooks(folder), "books do not balance"],
    ["has another log", (folder: string) => changeLog(folder), "its log has another root"],
  ])("that %s is refused, and nothing is made", async (_what, spoil, message) => {
    const place = await elsewhere();
    const folder = await backedUp();
    await spoil(folder);
    const restored = restorePool({ from: folder, ...place });
    await expect(restored).rejects.toMatchObject({ code: "backup-damaged" });
    await expect(restored).rejects.toThrow(message);
    expect(await readdir(join(place.directory, ".."))).toEqual([]);
  });

  it("is not restored over a pool, nor into a database that is used", async () => {
    const place = await elsewhere();
    const from = await backedUp();
    await expect(restorePool({ from, directory: pool().directory })).rejects.toThrow("is not empty");
    await restorePool({ from, ...place });
    const again = restorePool({ from, directory: `${place.directory}-2`, database: place.database });
    await expect(again).rejects.toThrow("is not empty");
  });
});

async function oneBlob(folder: string): Promise<string> {
  return present((await readdir(join(folder, "blobs")))[0]);
}

/** Another file in its place: it shares its own with the pool. */
async function changeBlob(folder: string): Promise<void> {
  const path = join(folder, "blobs", await oneBlob(folder));
  await rm(path);
  await writeFile(path, "something else");
}

async function changeDescription(folder: string, change: (text: string) => string): Promise<void> {
  const path = join(folder, "backup.json");
  await writeFile(path, change(await readFile(path, "utf8")));
}

const changeBooks = (folder: string) =>
  changeDescription(folder, (text) => text.replace(/"fees": "\d+"/, '"fees": "123456789"'));
const changeLog = (folder: string) =>
  changeDescription(folder, (text) => text.replace(/"root": "[0-9a-f]{64}"/, `"root": "${"0".repeat(64)}"`));

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { newDatabase } from "../../../../test/fixtures/postgres.js";
import { applyMigrations, poolMigrations } from "../../src/store/migrations.js";
import { temporaryDirectory } from "./temporary.js";

async function emptyDatabase(): Promise<pg.Pool> {
  const empty = await newDatabase();
  const database = new pg.Pool({ connectionString: empty.url, max: 3 });
  database.on("error", () => undefined); // one whose migration failed is still being closed when its database is removed
  database.on("connect", (client) => client.on("error", () => undefined));
  onTestFinished(async () => {
    await database.end();
    await empty.remove();
  });
  return database;
}

async function migrationFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryDirectory();
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
  return folder;
}

const twoFiles = {
  "001-jobs.sql": "CREATE TABLE jobs (number integer); INSERT INTO jobs VALUES (3), (4);",
  "002-double.sql": "UPDATE jobs SET number = number * 2;",
};

async function numbers(database: pg.Pool): Promise<number[]> {
  const { rows } = await database.query<{ number: number }>("SELECT number FROM jobs ORDER BY number");
  return rows.map(({ number }) => number);
}

test("migrations are applied in order, and each only once", async () => {
  const [database, folder] = [await emptyDatabase(), await migrationFiles(twoFiles)];
  expect(await applyMigrations(database, folder)).toEqual(["001-jobs", "002-double"]);
  expect(await applyMigrations(database, folder)).toEqual([]);
  expect(await numbers(database)).toEqual([6, 8]);
});

test("pools that start at the same moment apply each migration once between them", async () => {
  const [database, folder] = [await emptyDatabase(), await migrationFiles(twoFiles)];
  const applied = await Promise.all([1, 2, 3].map(() => applyMigrations(database, folder)));
  expect(applied.flat().sort()).toEqual(["001-jobs", "002-double"]);
  expect(await numbers(database)).toEqual([6, 8]);
});

test("a migration that fails leaves no trace, those before it stay, and the next start goes on with it", async () => {
  const broken = { ...twoFiles, "003-broken.sql": "DELETE FROM jobs; SELECT 1/0;" };
  const [database, folder] = [await emptyDatabase(), await migrationFiles(broken)];
  await expect(applyMigrations(database, folder)).rejects.toMatchObject({
    code: "migration-failed",
    message: expect.stringMatching(/003-broken .*division by zero/) as string,
  });
  expect(await numbers(database)).toEqual([6, 8]);
  await writeFile(join(folder, "003-broken.sql"), "INSERT INTO jobs VALUES (9);");
  expect(await applyMigrations(database, folder)).toEqual(["003-broken"]);
});

test("an applied migration that was edited is refused, and nothing after it is applied", async () => {
  const [database, folder] = [await emptyDatabase(), await migrationFiles(twoFiles)];
  await applyMigrations(database, folder);
  await writeFile(join(folder, "001-jobs.sql"), "CREATE TABLE jobs (number bigint);");
  await writeFile(join(folder, "003-more.sql"), "DELETE FROM jobs;");
  await expect(applyMigrations(database, folder)).rejects.toMatchObject({
    code: "migration-changed",
    message: expect.stringContaining("001-jobs") as string,
  });
  expect(await numbers(database)).toEqual([6, 8]);
});

test("a checkout with Windows' line ends is no edit", async () => {
  const database = await emptyDatabase();
  const text = "CREATE TABLE jobs (\n number integer\n);\n";
  await applyMigrations(database, await migrationFiles({ "001-jobs.sql": text }));
  const windows = await migrationFiles({ "001-jobs.sql": text.replaceAll("\n", "\r\n") });
  expect(await applyMigrations(database, windows)).toEqual([]);
});

test("an applied migration whose file is missing, or has another name, is refused", async () => {
  const [database, folder] = [await emptyDatabase(), await migrationFiles(twoFiles)];
  await applyMigrations(database, folder);
  const other = await migrationFiles({
    "001-jobs.sql": twoFiles["001-jobs.sql"],
    "002-other.sql": twoFiles["002-double.sql"],
  });
  await expect(applyMigrations(database, other)).rejects.toMatchObject({
    code: "migration-changed",
    message: expect.stringContaining("002-double") as string,
  });
});

test("a database that a newer version has used is refused", async () => {
  const [database, folder] = [await emptyDatabase(), await migrationFiles(twoFiles)];
  await applyMigrations(database, folder);
  const older = await migrationFiles({ "001-jobs.sql": twoFiles["001-jobs.sql"] });
  await expect(applyMigrations(database, older)).rejects.toMatchObject({ code: "database-newer" });
});

test.each(["002-gap.sql", "1-short.sql", "001-Upper.sql"])(
  "a file named %s is refused where 001 is due",
  async (name) => {
    const folder = await migrationFiles({ [name]: "SELECT 1;" });
    await expect(applyMigrations(await emptyDatabase(), folder)).rejects.toMatchObject({ code: "bad-argument" });
  },
);

test("the pool's own migrations make its tables, from where they lie in the package", async () => {
  const applied = await applyMigrations(await emptyDatabase());
  expect(applied[0]).toMatch(/^001-/);
  expect(poolMigrations).toMatch(/packages\/pool\/src\/sql\/migrations\/$/);
});

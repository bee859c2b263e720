import { readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectFunded } from "./fixtures/accounts.js";
import { jsProgram } from "../packages/sdk/src/index.js";
import { type NetworkPostgres, startNetworkPostgres } from "./fixtures/network-postgres.js";
import { AegisProcess, startAgentProcess, startPoolProcess } from "./fixtures/processes.js";
import { temporaryDirectory } from "./fixtures/temporary.js";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let databaseHome: Awaited<ReturnType<typeof temporaryDirectory>>;
let database: NetworkPostgres;

beforeAll(async () => {
  [home, databaseHome] = [await temporaryDirectory(), await temporaryDirectory()];
  database = await startNetworkPostgres(databaseHome.path);
});

afterAll(async () => {
  await database.stop();
  await Promise.all([home.remove(), databaseHome.remove()]);
});

async function rowsOf<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client(database.url);
  await client.connect();
  const { rows } = await client.query<Row>(sql);
  await client.end();
  return rows;
}

it("a pool that is given a PostgreSQL by its URL keeps everything there, and goes on from it", async () => {
  const directory = join(home.path, "pool");
  const given = { more: ["--database", database.url] };
  const first = await startPoolProcess(directory, given);
  const agent = await startAgentProcess(first.url, join(home.path, "agent"));
  const requester = await connectFunded(first.url);
  const square = jsProgram("export default (n) => n * n;");
  expect(await (await requester.map<number, number>(square, [3, 4, 5])).values()).toEqual([9, 16, 25]);
  await first.pool.kill();

  const second = await startPoolProcess(directory, { ...given, port: new URL(first.url).port });
  await agent.says(({ event }) => event === "lost");
  expect(await (await requester.map<number, number>(square, [6])).values()).toEqual([36]);
  await agent.stop();
  await second.pool.stop();

  expect(await rowsOf("SELECT state, count(*)::int FROM tasks GROUP BY state")).toEqual([
    { state: "settled", count: 4 },
  ]);
  expect(await rowsOf("SELECT count(*)::int FROM outcomes WHERE receipt IS NOT NULL")).toEqual([{ count: 4 }]);
  expect(await readdir(directory)).not.toContain("postgres");
  expect(first.pool.written + second.pool.written).not.toContain(database.password);
});

describe("a pool whose database's URL", () => {
  it.each<[string, (url: URL) => void, string]>([
    ["has a wrong password", (url) => (url.password = "wrong-password"), "password authentication failed"],
    ["has no password", (url) => (url.password = ""), "password"],
    ["names a user that does not exist", (url) => (url.username = "nobody-here"), "password authentication failed"],
    ["names a database that does not exist", (url) => (url.pathname = "/nothing"), '"nothing" does not exist'],
    ["leads to a port where nothing listens", (url) => (url.port = "9"), "ECONNREFUSED"],
    ["leads to a host that does not exist", (url) => (url.hostname = "database.invalid"), "database.invalid"],
  ])("%s says so in one error, without the password, and stops", async (_what, change, why) => {
    const url = new URL(database.url);
    change(url);
    const pool = new AegisProcess(["pool", "--port", "0", "--data", join(home.path, "none"), "--database", url.href]);
    await pool.exited;
    expect(pool.exitCode).toBe(1);
    const { error } = JSON.parse(pool.written) as { error: { code: string; message: string; next: string } };
    expect(error.code).toBe("database-unreachable");
    expect(error.message).toContain(why);
    expect(error.message).toContain(url.host);
    expect(pool.written).not.toContain(url.password || database.password);
  });

  it("is no URL is told so", async () => {
    const pool = new AegisProcess([
      "pool",
      "--port",
      "0",
      "--data",
      join(home.path, "none"),
      "--database",
      "mysql://x",
    ]);
    await pool.exited;
    expect(pool.exitCode).toBe(2);
    expect(JSON.parse(pool.written)).toMatchObject({ error: { code: "bad-argument" } });
  });
});

import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectFunded } from "../fixtures/accounts.js";
import { startEmbeddedPostgres } from "../../packages/pool/src/store/embedded/index.js";
import { jsProgram, type TaskResult } from "../../packages/sdk/src/index.js";
import { type AegisProcess, startAgentProcess, startPoolProcess } from "../fixtures/processes.js";
import { temporaryDirectory } from "../fixtures/temporary.js";

/** Takes a moment, so that a job can be caught in the middle; every fourth result is too large to travel in a message. */
const program = jsProgram(`export default (input) => {
  const end = Date.now() + 25;
  while (Date.now() < end);
  return { input, padding: input % 4 === 0 ? "x".repeat(90_000) : "" };
};`);

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let pool: AegisProcess;
let url: string;
let agents: AegisProcess[];
/** Tasks that were completed by any of the tests, each once. */
const numbers = new Set<number>();

const agentIn = (name: string) => startAgentProcess(url, join(home.path, name));

beforeAll(async () => {
  home = await temporaryDirectory();
  ({ pool, url } = await startPoolProcess(join(home.path, "pool")));
  agents = await Promise.all([agentIn("first"), agentIn("second")]);
});

afterAll(async () => {
  await Promise.all([...agents, pool].filter(({ isAlive }) => isAlive).map((each) => each.kill()));
  await home.remove();
});

/** Runs a job of `count` tasks to its end, with `midway` in the middle of it. */
async function run(count: number, midway: () => Promise<void>): Promise<TaskResult<{ input: number }>[]> {
  const requester = await connectFunded(url);
  const inputs = Array.from({ length: count }, (_, index) => index);
  const job = await requester.map<{ input: number }, number>(program, inputs);
  const results: TaskResult<{ input: number }>[] = [];
  let meanwhile: Promise<void> | undefined;
  for await (const result of job) {
    results.push(result);
    if (results.length === Math.ceil(count / 4)) meanwhile = midway();
  }
  await meanwhile;
  for (const { number } of results) numbers.add(number);
  return results.sort((a, b) => a.index - b.index);
}

function expectAll(results: readonly TaskResult<{ input: number }>[], count: number): void {
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
  expect(results.map((result) => result.ok && result.value.input)).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(new Set(results.map(({ number }) => number)).size).toBe(count);
}

describe("in the middle of a job", () => {
  it("a pool that is killed and started again loses no task and completes none twice; agents and iteration go on", async () => {
    const results = await run(40, async () => {
      await pool.kill();
      ({ pool, url } = await startPoolProcess(join(home.path, "pool"), { port: new URL(url).port }));
    });
    expectAll(results, 40);
    expect(agents.map(({ isAlive }) => isAlive)).toEqual([true, true]);
  });

  it("an agent that is killed and one that leaves are made up for by a third", async () => {
    agents.push(await agentIn("third"));
    const results = await run(32, async () => {
      const [killed, leaving] = agents;
      await Promise.all([killed?.kill(), leaving?.stop()]);
    });
    expectAll(results, 32);
    expect(agents.map(({ isAlive, exitCode }) => [isAlive, exitCode])).toEqual([
      [false, null],
      [false, 0],
      [true, null],
    ]);
  });

  it("a cancel kills what runs, and the slot is free for the next job", async () => {
    const requester = await connectFunded(url);
    const endless = await requester.map(jsProgram("export default () => { for (;;); };"), [1]);
    await expect.poll(() => endless.progress.counts?.running).toBe(1);
    endless.cancel();
    const next = await requester.map(jsProgram("export default () => 'next';"), [1], { timeLimitMs: 5_000 });
    for await (const { ok, number } of next) {
      expect(ok).toBe(true);
      numbers.add(number);
    }
  });
});

it("the database holds one outcome, one receipt and one payment for each task that was completed", async () => {
  await pool.stop();
  const server = await startEmbeddedPostgres({ directory: join(home.path, "pool", "postgres") });
  const client = new pg.Client(server.connection);
  await client.connect();
  const { rows: outcomes } = await client.query<{ number: string; state: string }>(
    "SELECT number, state FROM outcomes WHERE receipt IS NOT NULL AND run IS NOT NULL",
  );
  const { rows: tasks } = await client.query<{ state: string; count: number }>(
    "SELECT state, count(*)::int AS count FROM tasks GROUP BY state ORDER BY state",
  );
  const { rows: paid } = await client.query<{ tasks: number; payments: number; sum: string; held: string }>(
    `SELECT count(DISTINCT key)::int AS tasks, count(*)::int AS payments,
       (SELECT sum(balance) FROM balances) + (SELECT sum(amount) FROM transfers WHERE credit = 1) AS sum,
       (SELECT sum(balance) FROM balances JOIN accounts ON id = account WHERE name LIKE 'escrow:%') AS held
     FROM transfers WHERE kind = 2`,
  );
  await client.end();
  await server.stop();
  expect(paid).toEqual([{ tasks: numbers.size, payments: numbers.size, sum: "0", held: "0" }]);
  expect(new Set(outcomes.map(({ number }) => Number(number)))).toEqual(numbers);
  expect(outcomes.length).toBe(numbers.size);
  expect(tasks).toEqual([
    { state: "cancelled", count: 1 },
    { state: "settled", count: numbers.size },
  ]);
});

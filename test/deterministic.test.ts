import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningAgent, startAgent } from "../packages/agent/src/index.js";
import { jsProgram } from "../packages/sdk/src/index.js";
import { connectFunded } from "./fixtures/accounts.js";
import { temporaryDirectory } from "./fixtures/temporary.js";
import { startTestPool, type TestPool } from "./fixtures/test-pool.js";

let pool: TestPool;
const agents: RunningAgent[] = [];
beforeAll(async () => {
  pool = await startTestPool();
  for (let index = 0; index < 2; index++) {
    const directory = (await temporaryDirectory()).path;
    const operatorKey = join(directory, "operator.key");
    const share = "cpu=50%,memory=1GiB";
    agents.push(await startAgent({ pool: pool.url, directory, operatorKey, share, onEvent: () => undefined }));
  }
});
afterAll(async () => {
  for (const agent of agents) await agent.leave();
  await pool.stop();
});

const counting = jsProgram(`
let runs = 0;
export default (input) => [input, ++runs, Math.random(), Date.now()];`);

it("deterministic tasks give the same result for the same input on every machine, whatever ran there before", async () => {
  const requester = await connectFunded(pool.url);
  const job = await requester.map(counting, ["a", "a", "b", "a", "b", "a"], { deterministic: true });
  const [first, second, other, ...rest] = await job.values();
  expect(second).toEqual(first);
  expect(rest).toEqual([first, other, first]);
  expect(other).not.toEqual(first);
  expect(first).toEqual(["a", 1, expect.any(Number), 946_684_800_000]);
});

it("tasks that did not ask for it share a process, and its clock is the machine's", async () => {
  const requester = await connectFunded(pool.url);
  const job = await requester.map(counting, Array<string>(100).fill("a"));
  const values = (await job.values()) as [string, number, number, number][];
  expect(new Set(values.map(([, , random]) => random)).size).toBe(100);
  expect(Math.max(...values.map(([, runs]) => runs))).toBeGreaterThan(1);
});

it("an engine that cannot run so is refused before anything is submitted", async () => {
  const requester = await connectFunded(pool.url);
  const onnx = { engine: "onnx" as const, bytes: new Uint8Array(8) };
  await expect(requester.map(onnx, [1], { deterministic: true })).rejects.toMatchObject({
    code: "bad-argument",
    message: expect.stringContaining("engine onnx cannot run deterministically") as string,
  });
});

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectFunded } from "../fixtures/accounts.js";
import { jsProgram } from "../../packages/sdk/src/index.js";
import { type AegisProcess, startAgentProcess, startPoolProcess } from "../fixtures/processes.js";
import { type RecordingProxy, startRecordingProxy } from "../fixtures/recording-proxy.js";
import { temporaryDirectory } from "../fixtures/temporary.js";

/** Its output is too large to travel in a message. */
const program = jsProgram("export default (input) => [input.length, 'x'.repeat(90_000)];");

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let pool: AegisProcess;
let agent: AegisProcess;
let url: string;
let wire: RecordingProxy;

beforeAll(async () => {
  home = await temporaryDirectory();
  ({ pool, url } = await startPoolProcess(join(home.path, "pool")));
  agent = await startAgentProcess(url, join(home.path, "agent"));
  wire = await startRecordingProxy(url);
});

afterAll(async () => {
  await Promise.all([agent, pool].filter(({ isAlive }) => isAlive).map((each) => each.kill()));
  await wire.stop();
  await home.remove();
});

/** Kills the pool when the first request that fits is on its way, and starts it again; that request never arrives. */
function restartAt(request: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    wire.judge = (piece) => {
      if (!request.test(piece.toString("latin1"))) return "pass";
      delete wire.judge;
      restart().then(resolve, reject);
      return "cut";
    };
  });
}

async function restart(): Promise<void> {
  await pool.kill();
  ({ pool } = await startPoolProcess(join(home.path, "pool"), { port: new URL(url).port }));
}

describe("a pool that is killed and started again while a requester", () => {
  it.each([
    ["submits a task", /^POST \/v1\/jobs\/\w+\/tasks /, "short"],
    ["uploads an input", /^PATCH \/v1\/blobs\//, "long".repeat(30_000)],
    ["asks whether an input is there", /^HEAD \/v1\/blobs\//, "longer".repeat(30_000)],
    ["downloads a result", /^GET \/v1\/blobs\//, "short"],
  ])("%s is waited for, and the task is done", async (_what, request, input) => {
    const requester = await connectFunded(wire.url);
    const job = await requester.open<[number, string]>(program, {});
    const restarted = restartAt(request); // the program is there already
    expect(await job.run(input)).toEqual([input.length, "x".repeat(90_000)]);
    await restarted;
    job.close();
  });
});

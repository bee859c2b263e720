import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectFunded } from "../fixtures/accounts.js";
import { jsProgram, PoolClient, type TaskResult } from "../../packages/sdk/src/index.js";
import { filesBelow, findCanaries, newCanary, type Place } from "../fixtures/canaries.js";
import { openSocket } from "../fixtures/link.js";
import { type AegisProcess, startAgentProcess, startPoolProcess } from "../fixtures/processes.js";
import { type RecordingProxy, startRecordingProxy } from "../fixtures/recording-proxy.js";
import { ScriptedRequester } from "../fixtures/scripted-requester.js";
import { temporaryDirectory } from "../fixtures/temporary.js";

const secret = {
  program: newCanary("program"),
  fileName: newCanary("file-name"),
  input: newCanary("input"),
  largeInput: newCanary("large-input"),
  shared: newCanary("shared"),
  output: newCanary("output"),
  largeOutput: newCanary("large-output"),
  log: newCanary("log"),
  error: newCanary("error"),
};
const planted = {
  inDatabase: newCanary("planted-in-database"),
  inBlobs: newCanary("planted-in-blobs"),
  onAgentWire: newCanary("planted-on-agent-wire"),
  onAgentDisk: newCanary("planted-on-agent-disk"),
};

/** Texts in two halves, so that the program that prints them does not hold them. */
const halves = (text: string) => `${JSON.stringify(text.slice(0, 20))} + ${JSON.stringify(text.slice(20))}`;
const program = jsProgram(`// ${secret.program}
export default (input, { shared }) => {
  console.log(${halves(secret.log)}, shared.length);
  if (input.fails) throw new Error(${halves(secret.error)});
  const padding = input.large ? ${halves(secret.largeOutput)} + "y".repeat(100_000) : "";
  return [${halves(secret.output)}, input.name, padding];
};`);

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let pool: AegisProcess;
let agent: AegisProcess;
let requesterWire: RecordingProxy;
let agentWire: RecordingProxy;
let results: TaskResult<unknown>[];

const folder = (name: string) => join(home.path, name);

beforeAll(async () => {
  home = await temporaryDirectory();
  await mkdir(folder("agent-temporary"));
  let url: string;
  ({ pool, url } = await startPoolProcess(folder("pool")));
  [requesterWire, agentWire] = await Promise.all([startRecordingProxy(url), startRecordingProxy(url)]);
  agent = await startAgentProcess(agentWire.url, folder("agent"), { TMPDIR: folder("agent-temporary") });
  results = await runJob();
  await plant();
  await agent.stop();
  await pool.stop(); // checkpoints, so that the tables hold what the log of writes holds
});

afterAll(async () => {
  await Promise.all([agent, pool].filter(({ isAlive }) => isAlive).map((each) => each.kill()));
  await Promise.all([requesterWire.stop(), agentWire.stop()]);
  await home.remove();
});

async function runJob(): Promise<TaskResult<unknown>[]> {
  const requester = await connectFunded(requesterWire.url);
  const inputs = [
    { name: secret.fileName, text: secret.input },
    { name: "large", large: true, text: secret.largeInput + "z".repeat(100_000) },
    { name: "fails", fails: true },
  ];
  const job = await requester.map(program, inputs, { shared: secret.shared });
  const ended: TaskResult<unknown>[] = [];
  for await (const result of job) ended.push(result);
  return ended.sort((a, b) => a.index - b.index);
}

/** The positive control: what nobody sealed, on every way that the search covers. */
async function plant(): Promise<void> {
  const client = await PoolClient.connect(requesterWire.url);
  const careless = await ScriptedRequester.create(client);
  const bytes = Buffer.from(`x${planted.inDatabase}`);
  const tasks = careless.seal(["x"], { input: primitives.sha256(bytes) });
  await client.submit(
    careless.secret.signer,
    tasks.map(({ manifest }) => ({ manifest, input: bytes })),
  );
  await client.upload(Buffer.from(planted.inBlobs, "utf16le"));
  const socket = await openSocket(agentWire.url, "/v1/agent");
  socket.send(toHex(Buffer.from(planted.onAgentWire)));
  await new Promise((resolve) => socket.once("close", resolve)); // text is refused
  await writeFile(join(folder("agent"), "note"), Buffer.from(`..${planted.onAgentDisk}`).toString("base64url"));
}

function wire(name: string, proxy: RecordingProxy): Place[] {
  return proxy.streams().map((bytes, index) => ({ name: `${name} ${index}`, bytes }));
}

async function searched(): Promise<Record<"pool" | "agent" | "requesterWire" | "agentWire", Place[]>> {
  return {
    pool: [...(await filesBelow(folder("pool"))), { name: "pool's output", bytes: Buffer.from(pool.written) }],
    agent: [
      ...(await filesBelow(folder("agent"))),
      ...(await filesBelow(folder("agent-temporary"))),
      { name: "agent's output", bytes: Buffer.from(agent.written) },
    ],
    requesterWire: wire("requester's connection", requesterWire),
    agentWire: wire("agent's connection", agentWire),
  };
}

describe("a job's secrets", () => {
  it("reach its requester", () => {
    expect(results).toMatchObject([
      { ok: true, value: [secret.output, secret.fileName, ""] },
      { ok: true },
      { ok: false, error: { code: "task-failed" } },
    ]);
    expect(results[1]).toMatchObject({ value: [secret.output, "large", secret.largeOutput + "y".repeat(100_000)] });
    expect(results[0]?.log).toContain(secret.log);
    expect(results[2]?.log).toContain(secret.error);
  });

  it.each(["pool", "agent", "requesterWire", "agentWire"] as const)("stand nowhere: %s", async (where) => {
    const places = (await searched())[where];
    expect(places.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(500);
    expect(findCanaries(Object.values(secret), places)).toEqual([]);
  });
});

describe("the same search finds what was planted without a seal", () => {
  it("in the pool's database and blobs", async () => {
    const { pool: places } = await searched();
    const found = findCanaries(Object.values(planted), places).join("\n");
    expect(found).toMatch(new RegExp(`${planted.inDatabase} in /postgres/data/base/.* as text`));
    expect(found).toMatch(new RegExp(`${planted.inDatabase} in /postgres/data/pg_wal/.* as text`));
    expect(found).toMatch(new RegExp(`${planted.inBlobs} in /blobs/complete/.* as UTF-16`));
  });

  it("on an agent's disk", async () => {
    const found = findCanaries([planted.onAgentDisk], (await searched()).agent);
    expect(found).toContain(`${planted.onAgentDisk} in /note as base64url, shifted by 2`);
  });

  it("on the wire, also where WebSocket masks it", async () => {
    const { requesterWire: near, agentWire: far } = await searched();
    expect(findCanaries([planted.inDatabase], near).join()).toContain("base64");
    expect(findCanaries([planted.onAgentWire], far).join()).toContain("as hexadecimal");
  });
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { openRuntime } from "../../src/engines/open.js";
import { denoArguments, denoEnvironment, findDeno } from "../../src/sandbox/deno.js";
import { readMemory } from "../../src/sandbox/memory.js";
import { startProcess } from "../../src/sandbox/process.js";
import { importMapFile, mainRealmFile } from "../../src/sandbox/realm-files.js";
import { chooseWalls, type ChosenWalls } from "../../src/sandbox/walls/choose.js";
import { reasonOf, tagged, valueOf } from "../engines/support/values.js";

const mebibyte = 1024 * 1024;
const limits = { timeMs: 10_000, memoryBytes: 200 * mebibyte, outputBytes: 10_000, logBytes: 100 };
const linux = process.platform === "linux";

let walls: ChosenWalls;
beforeAll(async () => {
  walls = await chooseWalls(findDeno() ?? "", "off");
});

const open = async (code: string, limitData: ChosenWalls["limitData"]) => {
  const process = await startProcess(walls.command);
  const program = { engine: "js", bytes: new TextEncoder().encode(code) } as const;
  const runtime = await openRuntime({ process, program, limits, assets: [], limitData });
  afterAll(() => runtime.close());
  return runtime;
};

it.skipIf(!linux)(
  "refuses one allocation over the bound by RLIMIT_DATA, before any of it is touched, and goes on",
  async () => {
    const runtime = await open("export default (bytes) => new Uint8Array(bytes).length", walls.limitData);
    expect(reasonOf(await runtime.run(tagged(2000 * mebibyte)))).toBe("memory-limit");
    expect(runtime.usable).toBe(true);
    expect(valueOf(await runtime.run(tagged(100 * mebibyte)))).toBe(100 * mebibyte);
  },
);

it.skipIf(!linux)(
  "refuses messages over the bound by RLIMIT_DATA, whichever half of them is one too many, and goes on",
  async () => {
    const runtime = await open(
      "export default (bytes) => structuredClone(new Uint8Array(bytes)).length",
      walls.limitData,
    );
    for (const size of [100, 200]) expect(reasonOf(await runtime.run(tagged(size * mebibyte)))).toBe("memory-limit");
    expect(valueOf(await runtime.run(tagged(10 * mebibyte)))).toBe(10 * mebibyte);
  },
);

it.skipIf(!linux)("refuses WASM memory over the bound by RLIMIT_DATA, and goes on", async () => {
  const runtime = await open(
    "export default (initial) => new WebAssembly.Memory({ initial }).buffer.byteLength",
    walls.limitData,
  );
  expect(reasonOf(await runtime.run(tagged(32_000)))).toBe("memory-limit");
  expect(valueOf(await runtime.run(tagged(1000)))).toBe(1000 * 65_536);
});

it("kills a process whose resident memory passes the bound, by watching alone", async () => {
  const runtime = await open(
    "export default () => { const kept = []; for (;;) kept.push(new Uint8Array(1e6).fill(1)) }",
    undefined,
  );
  const outcome = await runtime.run(tagged(1));
  expect(outcome).toMatchObject({
    ok: false,
    reason: "memory-limit",
    message: expect.stringContaining(String(limits.memoryBytes)),
  });
  expect(runtime.usable).toBe(false);
});

it("can be told by the realm itself how much it uses, where the system does not say", async () => {
  const args = denoArguments({
    mainRealm: mainRealmFile,
    importMap: importMapFile,
    reportsMemory: true,
    purpose: "plain",
  });
  const command = { file: findDeno() ?? "", args, env: denoEnvironment, spawn: {}, bubblewrap: undefined };
  const process = await startProcess(command);
  expect(process.reportedResidentBytes).toBeGreaterThan(10 * mebibyte);
  const seen = readMemory(process.pid)?.residentBytes ?? process.reportedResidentBytes;
  expect(process.reportedResidentBytes).toBeLessThan(2 * seen);
  process.kill();
});

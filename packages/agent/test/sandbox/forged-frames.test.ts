import { expect, it } from "vitest";
import { openRuntime } from "../../src/engines/open.js";
import { startProcess } from "../../src/sandbox/process.js";
import { firstRunId, fromSandbox, loadId, prepareId, statuses } from "../../src/sandbox/realm/messages.js";
import type { RunOutcome } from "../../src/engines/index.js";
import { tagged, valueOf } from "../engines/support/values.js";
import { fine, forgingCommand, frameHex, ready } from "./forging-process.js";

const limits = { timeMs: 10_000, memoryBytes: 1e9, outputBytes: 10_000, logBytes: 100 };
const jsonTag = 1;
const json7 = [statuses.ok, jsonTag, 0x37];

/** Runs once against a process that forges `answer`. */
async function runAgainst(answer: string, deterministic = false): Promise<{ outcome: RunOutcome; usable: boolean }> {
  const process = await startProcess(forgingCommand(ready, [fine(prepareId), fine(loadId), answer]));
  const program = { engine: "js", bytes: new Uint8Array() } as const;
  const bounds = { ...limits, deterministic };
  const runtime = await openRuntime({ process, program, limits: bounds, assets: [], limitData: undefined });
  const outcome = await runtime.run(tagged(1));
  const { usable } = runtime;
  await runtime.close();
  return { outcome, usable };
}

it("takes the answer to the run that waits", async () => {
  const { outcome, usable } = await runAgainst(frameHex(fromSandbox.done, firstRunId, json7));
  expect(valueOf(outcome)).toBe(7);
  expect(usable).toBe(true);
});

it.each([
  ["answers a run that nobody asked", frameHex(fromSandbox.done, firstRunId + 1, json7)],
  ["answers the loading once more", fine(loadId)],
  ["logs for another run", frameHex(fromSandbox.log, firstRunId + 1, [0x78])],
  ["logs more than the bound in one frame", frameHex(fromSandbox.log, firstRunId, Array<number>(101).fill(0x78))],
  [
    "logs more than the bound in many frames",
    frameHex(fromSandbox.log, firstRunId, Array<number>(60).fill(0x78)).repeat(2),
  ],
  ["says that a body is longer than any output may be", frameHex(fromSandbox.done, firstRunId, [], 20_000)],
  ["says that a body is 4 GiB long", frameHex(fromSandbox.done, firstRunId, [], 0xffff_ffff)],
  ["sends a kind that does not exist", frameHex(99, firstRunId, [])],
  ["is ready a second time", ready],
  ["answers with a status that does not exist", frameHex(fromSandbox.done, firstRunId, [77])],
  ["answers with nothing", frameHex(fromSandbox.done, firstRunId, [])],
  ["answers with a value that has no tag", frameHex(fromSandbox.done, firstRunId, [statuses.ok, 5, 5])],
  ["prints plain text", Buffer.from("hello, I am a program that prints\n").toString("hex")],
])("fails the job's runtime when its process %s", async (_what, answer) => {
  const { outcome, usable } = await runAgainst(answer);
  expect(outcome).toMatchObject({ ok: false, reason: "sandbox-broken" });
  expect(usable).toBe(false);
});

const fuel = (used: number): number[] => [...new Uint8Array(Float64Array.of(used).buffer)];
const fuelFrame = (body: readonly number[]): string => frameHex(fromSandbox.fuel, firstRunId, body);

it("takes what a deterministic run says that it used", async () => {
  const { outcome } = await runAgainst(fuelFrame(fuel(77)) + frameHex(fromSandbox.done, firstRunId, json7), true);
  expect(outcome).toMatchObject({ ok: true, fuel: 77 });
});

it.each([
  ["of a run that is not metered", fuel(77), false],
  ["below nothing", fuel(-1), true],
  ["between whole units", fuel(7.5), true],
  ["that no number is", fuel(Number.NaN), true],
  ["in too few bytes", [7], true],
])("fails the job's runtime when its process tells of fuel %s", async (_what, body, deterministic) => {
  const { outcome, usable } = await runAgainst(fuelFrame(body), deterministic);
  expect(outcome).toMatchObject({ ok: false, reason: "sandbox-broken" });
  expect(usable).toBe(false);
});

it("fails the runtime when a second answer follows the first", async () => {
  const answer = frameHex(fromSandbox.done, firstRunId, json7);
  const process = await startProcess(forgingCommand(ready, [fine(prepareId), fine(loadId), answer + answer]));
  const program = { engine: "js", bytes: new Uint8Array() } as const;
  const runtime = await openRuntime({ process, program, limits, assets: [], limitData: undefined });
  expect(valueOf(await runtime.run(tagged(1)))).toBe(7);
  await runtime.gone;
  expect(runtime.usable).toBe(false);
});

it("starts no process that says anything but ready", async () => {
  for (const start of [
    fine(prepareId),
    frameHex(fromSandbox.ready, 0, [1]),
    Buffer.from("hello there").toString("hex"),
  ]) {
    await expect(startProcess(forgingCommand(start, []))).rejects.toMatchObject({ code: "sandbox-failed" });
  }
});

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createEngines } from "../../src/engines/index.js";
import { startDutyCycle, type DutySystem } from "../../src/share/duty-cycle.js";
import { tagged, valueOf } from "../engines/support/values.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A process that is busy on one core whenever it is not stopped, under the fake clock. */
function busyProcess(): DutySystem & { usedMs(): number; signals: string[] } {
  const startMs = Date.now();
  const signals: string[] = [];
  let usedMs = 0;
  let runningSinceMs: number | undefined = startMs;
  const settle = (): void => {
    if (runningSinceMs !== undefined) usedMs += Date.now() - runningSinceMs;
    runningSinceMs = runningSinceMs === undefined ? undefined : Date.now();
  };
  return {
    signals,
    signal: (_pid, name) => {
      settle();
      signals.push(name);
      runningSinceMs = name === "SIGCONT" ? Date.now() : undefined;
    },
    cpuMs: () => (settle(), usedMs),
    nowMs: () => Date.now() - startMs,
    usedMs: () => (settle(), usedMs),
  };
}

it.each([10, 25, 50, 90])("holds a busy process to %i percent of a core", (percent) => {
  const system = busyProcess();
  const cycle = startDutyCycle(percent, system);
  cycle.add(4242);
  vi.advanceTimersByTime(20_000);
  expect(Math.abs(system.usedMs() / 20_000 - percent / 100)).toBeLessThan(0.01);
  cycle.close();
});

it("holds a process to a part of the share, beside one that has all of it", () => {
  const system = busyProcess();
  const cycle = startDutyCycle(80, system);
  cycle.add(4242, 0.25);
  vi.advanceTimersByTime(20_000);
  expect(Math.abs(system.usedMs() / 20_000 - 0.2)).toBeLessThan(0.01);
  cycle.close();
});

it("lets a process run freely again once it is removed or the cycle closes", () => {
  for (const end of ["remove", "close"] as const) {
    const system = busyProcess();
    const cycle = startDutyCycle(20, system);
    cycle.add(4242);
    vi.advanceTimersByTime(1000);
    if (end === "remove") cycle.remove(4242);
    else cycle.close();
    expect(system.signals.at(-1)).toBe("SIGCONT");
    const count = system.signals.length;
    vi.advanceTimersByTime(1000);
    expect(system.signals).toHaveLength(count);
    cycle.close();
  }
});

it.skipIf(process.platform === "win32")("stops and continues a real job's process, which still finishes", async () => {
  vi.useRealTimers();
  const engines = await createEngines({ prewarm: 0, cpuPercentPerProcess: 30, cgroups: "off" });
  const program = "export default (ms) => { const end = Date.now() + ms; while (Date.now() < end); return 'done' }";
  const limits = { timeMs: 20_000, memoryBytes: 1 << 28, outputBytes: 1000, logBytes: 0 };
  const runtime = await engines.open({ engine: "js", bytes: new TextEncoder().encode(program) }, limits);
  const spy = vi.spyOn(process, "kill");
  expect(valueOf(await runtime.run(tagged(500)))).toBe("done");
  expect(spy.mock.calls).toContainEqual([runtime.pid, "SIGSTOP"]);
  expect(spy.mock.calls).toContainEqual([runtime.pid, "SIGCONT"]);
  spy.mockRestore();
  await engines.close();
});

it.skipIf(process.platform === "win32")(
  "holds who has a part of a card to as much of the core that comes with it",
  async () => {
    vi.useRealTimers();
    const lent = { percent: 50, memoryBytes: 1 << 28 };
    const engines = await createEngines({ prewarm: 0, cpuPercentPerProcess: 100, cgroups: "off", gpuLent: lent });
    const program = "export default (ms) => { const end = Date.now() + ms; while (Date.now() < end); return 'done' }";
    const limits = { timeMs: 20_000, memoryBytes: 1 << 28, outputBytes: 1000, logBytes: 0 };
    const spy = vi.spyOn(process, "kill");
    for (const [card, stopped] of [
      [undefined, false],
      [{ percent: 10, memoryBytes: 1 << 20 }, true],
    ] as const) {
      const runtime = await engines.open(
        { engine: "js", bytes: new TextEncoder().encode(program) },
        { ...limits, card },
      );
      expect(valueOf(await runtime.run(tagged(500)))).toBe("done");
      expect(spy.mock.calls.some(([pid, signal]) => pid === runtime.pid && signal === "SIGSTOP")).toBe(stopped);
      await runtime.close();
    }
    spy.mockRestore();
    await engines.close();
  },
);

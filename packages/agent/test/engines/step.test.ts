import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunOutcome } from "../../src/engines/index.js";
import { Step } from "../../src/engines/step.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function step(timeMs: number) {
  const late = vi.fn<() => void>();
  const settle = vi.fn<(outcome: RunOutcome) => void>();
  return { late, settle, step: new Step({ id: 1, logBytes: 0, timeMs, late, settle }) };
}

it("a step is late after its time, to which the time that it was paused does not count", () => {
  const { step: paused, late } = step(1_000);
  vi.advanceTimersByTime(600);
  paused.pause();
  vi.advanceTimersByTime(1_000_000);
  paused.resume();
  vi.advanceTimersByTime(399);
  expect(late).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(late).toHaveBeenCalledOnce();
});

it("a step that ends took the time in which it was not paused, whether it ends paused or not", () => {
  for (const resumed of [true, false]) {
    const { step: paused, settle, late } = step(10_000);
    vi.advanceTimersByTime(300);
    paused.pause();
    paused.pause();
    vi.advanceTimersByTime(5_000);
    if (resumed) paused.resume();
    if (resumed) paused.resume();
    vi.advanceTimersByTime(200);
    paused.end({ output: new Uint8Array(0) });
    expect(settle).toHaveBeenCalledWith(expect.objectContaining({ ok: true, wallMs: resumed ? 500 : 300 }));
    vi.advanceTimersByTime(1_000_000);
    expect(late).not.toHaveBeenCalled();
  }
});

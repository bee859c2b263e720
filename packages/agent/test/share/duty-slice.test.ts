import fc from "fast-check";
import { expect, it } from "vitest";
import { fullCredit, nextSlice } from "../../src/share/duty-slice.js";

const intervalMs = 100;

/**
 * CPU time that a process got in `intervals`, where `busyCores(i)` is what it would use in interval i. Timers come up
 * to `lateMs` late, and CPU time is read in steps of 10 ms, as Linux counts it.
 */
function simulate(share: number, intervals: number, busyCores: (interval: number) => number, lateMs = 0): number {
  let state = fullCredit(share, intervalMs);
  let usedMs = 0;
  let seenMs = 0;
  for (let interval = 0; interval < intervals; interval++) {
    const elapsedMs = intervalMs + (interval % 3 === 0 ? lateMs : 0);
    const ranMs = state.runMs >= intervalMs ? elapsedMs : state.runMs;
    usedMs += ranMs * busyCores(interval);
    const readMs = Math.floor(usedMs / 10) * 10;
    state = nextSlice(state, { usedMs: readMs - seenMs, elapsedMs, ranMs }, share, intervalMs);
    seenMs = readMs;
  }
  return usedMs;
}

it("holds a busy process to its share, on one core or many", () => {
  const shares = fc.integer({ min: 5, max: 95 }).map((percent) => percent / 100);
  fc.assert(
    fc.property(shares, fc.constantFrom(1, 2, 3.5, 8), fc.constantFrom(0, 7), (share, cores, lateMs) => {
      const wallMs = 1000 * intervalMs + Math.ceil(1000 / 3) * lateMs;
      expect(Math.abs(simulate(share, 1000, () => cores, lateMs) / wallMs - share)).toBeLessThan(0.02);
    }),
  );
});

it("takes back what a burst on many cores had too much", () => {
  const used = simulate(0.3, 500, (interval) => (interval % 50 < 25 ? 6 : 1));
  expect(used / (500 * intervalMs)).toBeCloseTo(0.3, 1);
});

it("saves up nothing for a process that idles", () => {
  const idle = simulate(0.25, 1000, () => 0);
  expect(idle).toBe(0);
  const thenBusy = simulate(0.25, 1010, (interval) => (interval < 1000 ? 0 : 1));
  expect(thenBusy).toBeLessThan(10 * intervalMs * 0.25 + 4 * intervalMs);
});

it("lets two cores' share use two cores and no more", () => {
  expect(simulate(2, 1000, () => 2) / (1000 * intervalMs)).toBeCloseTo(2, 1);
  expect(simulate(2, 1000, () => 4) / (1000 * intervalMs)).toBeCloseTo(2, 1);
});

it("never stops one busy thread that has a whole core, though its time is read in steps", () => {
  fc.assert(
    fc.property(fc.constantFrom(0, 3, 7, 25), (lateMs) => {
      const wallMs = 1000 * intervalMs + Math.ceil(1000 / 3) * lateMs;
      expect(simulate(1, 1000, () => 1, lateMs)).toBe(wallMs);
    }),
  );
});

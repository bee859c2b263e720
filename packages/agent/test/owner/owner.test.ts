import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { LendingTerms } from "@aegis-pool/core";
import { Owner } from "../../src/owner/owner.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An owner whose day and presence the test sets. */
function owner(terms: Partial<LendingTerms> = {}) {
  const [done, changes]: [string[], string[]] = [[], []];
  const seen = { minuteOfDay: 0, activeAt: undefined as number | undefined };
  const boss = new Owner({
    terms: { hours: undefined, quietMs: undefined, ...terms },
    work: { pause: () => void done.push("pause"), resume: () => void done.push("resume") },
    surroundings: { minuteOfDay: () => seen.minuteOfDay, now: () => Date.now(), activeAt: () => seen.activeAt },
    onChange: (reason) => void changes.push(reason ?? "lent"),
  });
  return { boss, done, changes, seen };
}

it("their word is followed at once, and once", () => {
  const { boss, done, changes } = owner();
  boss.pause();
  boss.pause();
  boss.resume();
  boss.resume();
  expect(done).toEqual(["pause", "resume"]);
  expect(changes).toEqual(["paused-by-hand", "lent"]);
});

it("their return is seen within a second, and their absence after the quiet time", () => {
  const { boss, done, seen } = owner({ quietMs: 60_000 });
  boss.start();
  seen.activeAt = Date.now();
  vi.advanceTimersByTime(999);
  expect(done).toEqual(["pause"]);
  vi.advanceTimersByTime(59_000);
  expect(done).toEqual(["pause"]);
  vi.advanceTimersByTime(1_001);
  expect(done).toEqual(["pause", "resume"]);
  boss.close();
});

it("their hours are kept as the day goes on", () => {
  const { boss, done, seen } = owner({ hours: [{ start: 1_320, end: 480 }] });
  boss.start();
  seen.minuteOfDay = 480;
  vi.advanceTimersByTime(1_000);
  seen.minuteOfDay = 1_320;
  vi.advanceTimersByTime(1_000);
  expect(done).toEqual(["pause", "resume"]);
  boss.close();
});

it("one reason may follow another without anything going on between them", () => {
  const { boss, done, changes, seen } = owner({ hours: [{ start: 1_320, end: 480 }] });
  boss.pause();
  seen.minuteOfDay = 900;
  boss.resume();
  expect(changes).toEqual(["paused-by-hand", "outside-hours"]);
  expect(done).not.toContain("resume");
});

it("nothing is looked at any more after the end", () => {
  const { boss, done, seen } = owner({ quietMs: 1_000 });
  boss.start();
  boss.close();
  seen.activeAt = Date.now();
  vi.advanceTimersByTime(5_000);
  expect(done).toEqual([]);
});

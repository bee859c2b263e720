import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pace, rest } from "../../src/sandbox/realm/programs/gpu/pace.js";

/** The longest submits of a device that does so many workgroups in a ms, while it does `groups` of them. */
function submitsOf(groupsPerMs: (submit: number) => number, groups: number): number[] {
  const pace = new Pace();
  const times: number[] = [];
  for (let left = groups; left > 0;) {
    const sent = Math.min(left, pace.groups);
    const ms = sent / groupsPerMs(times.length);
    pace.learn(sent, ms);
    times.push(ms);
    left -= sent;
  }
  return times;
}

describe("the pace of work on a graphics card", () => {
  it.each([
    ["slow", 0.05],
    ["ordinary", 8],
    ["fast", 5_000],
  ])("keeps every submit below 50 ms on a %s card, and comes to 20", (_kind, speed) => {
    const times = submitsOf(() => speed, speed * 2_000);
    expect(Math.max(...times)).toBeLessThanOrEqual(20);
    expect(times.slice(-3)[0]).toBeGreaterThan(10);
    expect(times.length).toBeLessThan(130);
  });

  it("follows a card that becomes slower, after one submit", () => {
    const times = submitsOf((submit) => (submit < 20 ? 1_000 : 500), 1_000_000);
    expect(times.filter((ms) => ms > 21)).toEqual([expect.closeTo(40)]);
  });

  it("does not believe that a card is slow because little was left to do", () => {
    const pace = new Pace();
    for (let submit = 0; submit < 5; submit++) pace.learn(pace.groups, pace.groups / 100);
    const { groups } = pace;
    pace.learn(1, 1);
    expect(pace.groups).toBe(groups);
  });
});

describe("a rest", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("makes the time in which a card is busy the part that is lent", async () => {
    const begin = performance.now();
    await vi.advanceTimersByTimeAsync(25); // it was noticed late that 20 ms of work were done
    const rested = rest(25, 20, begin);
    await vi.runAllTimersAsync();
    await rested;
    expect(performance.now() - begin).toBeCloseTo(80, 0);
  });

  it("is none where the card is lent all the time, or has rested already", async () => {
    const now = performance.now();
    await rest(100, 20, now - 20);
    await rest(50, 20, now - 60);
    expect(vi.getTimerCount()).toBe(0);
  });
});

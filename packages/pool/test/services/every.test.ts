import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { every } from "../../src/services/every.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that ends when told to. */
function slowWork() {
  let begun = 0;
  const ends: (() => void)[] = [];
  const work = () => {
    begun++;
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  return { work, begun: () => begun, end: () => ends.shift()?.() };
}

test("work that takes longer than the time between is not done twice at a time", async () => {
  const { work, begun, end } = slowWork();
  const stop = every(10, work, vi.fn<() => void>());
  await vi.advanceTimersByTimeAsync(35);
  expect(begun()).toBe(1);
  end();
  await vi.advanceTimersByTimeAsync(10);
  expect(begun()).toBe(2);
  end();
  await stop();
});

test("what is under way is waited for at the end, and nothing begins after it", async () => {
  const { work, begun, end } = slowWork();
  const stop = every(10, work, vi.fn<() => void>());
  await vi.advanceTimersByTimeAsync(10);
  const stopped = vi.fn<() => void>();
  const stopping = stop().then(stopped);
  await vi.advanceTimersByTimeAsync(50);
  expect(stopped).not.toHaveBeenCalled();
  end();
  await stopping;
  await vi.advanceTimersByTimeAsync(50);
  expect(begun()).toBe(1);
});

test("a failure is told of, and the work is done again", async () => {
  const failed = vi.fn<() => void>();
  const work = vi.fn<() => Promise<void>>(() => Promise.reject(new Error("disk")));
  const stop = every(10, work, failed);
  await vi.advanceTimersByTimeAsync(20);
  expect(failed).toHaveBeenCalledTimes(2);
  await stop();
});

import type { ReadClock } from "./clock.js";

type Callback = (...parts: unknown[]) => void;

interface Timer {
  readonly id: number;
  /** ms since the run began. */
  due: number;
  readonly everyMs: number | undefined;
  readonly call: () => void;
}

/**
 * Timers that nobody waits for: as soon as nothing else is to be done, the one that is due first fires, of those due at the same time
 * the one that was set first, and the clock is then at its time. So their order hangs on what they say, not on how long work takes.
 */
export function installTimers(clock: ReadClock): void {
  const soon = setTimeout.bind(globalThis);
  const timers = new Map<number, Timer>();
  let lastId = 0;
  let isPumping = false;

  const pump = (): void => {
    isPumping = false;
    const next = firstOf(timers);
    if (!next) return;
    clock.advanceTo(next.due);
    if (next.everyMs === undefined) timers.delete(next.id);
    else next.due = clock.elapsedMs + next.everyMs;
    schedule();
    next.call();
  };
  const schedule = (): void => {
    if (isPumping || timers.size === 0) return;
    isPumping = true;
    soon(pump, 0);
  };
  const set = (call: Callback, delay: unknown, parts: unknown[], repeats: boolean): number => {
    if (typeof call !== "function") throw new TypeError("a timer needs a function");
    const delayMs = Math.max(repeats ? 1 : 0, Math.trunc(Number(delay)) || 0);
    const id = ++lastId;
    const due = clock.elapsedMs + delayMs;
    timers.set(id, { id, due, everyMs: repeats ? delayMs : undefined, call: () => call(...parts) });
    schedule();
    return id;
  };
  const clear = (id: unknown): void => void timers.delete(Number(id));
  define("setTimeout", (call: Callback, delay?: unknown, ...parts: unknown[]) => set(call, delay, parts, false));
  define("setInterval", (call: Callback, delay?: unknown, ...parts: unknown[]) => set(call, delay, parts, true));
  define("clearTimeout", clear);
  define("clearInterval", clear);
}

function firstOf(timers: ReadonlyMap<number, Timer>): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers.values()) if (!first || timer.due < first.due) first = timer;
  return first;
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

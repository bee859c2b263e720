import { readCpuMs } from "./cpu-time.js";
import { fullCredit, nextSlice, type DutyState } from "./duty-slice.js";
import { canStop, type HoldingSignal, sendSignal } from "./signals.js";

const intervalMs = 100;

/** Holds processes to a share of one core by stopping and continuing them. */
export interface DutyCycle {
  /** Holds it to the share, or to so much of that: 1 is all of it. */
  add(pid: number, part?: number): void;
  /** Lets it run freely again. */
  remove(pid: number): void;
  close(): void;
}

/** Whether processes can be stopped and continued here, and why not. */
export function dutyCycleSupport(): { readonly available: boolean; readonly detail: string } {
  if (!canStop) return { available: false, detail: "Windows has no signals that stop a process" };
  if (process.platform === "linux") return { available: true, detail: "measured CPU time, corrected every 100 ms" };
  return { available: true, detail: "CPU time is not measured on this system: one busy core is assumed" };
}

/** What the cycle needs of the system. */
export interface DutySystem {
  signal(pid: number, name: HoldingSignal): void;
  /** CPU time that all threads of a process have used; undefined where it cannot be read. */
  readonly cpuMs: (pid: number) => number | undefined;
  readonly nowMs: () => number;
}

/** The system itself. */
export const ownSystem: DutySystem = { signal: sendSignal, cpuMs: readCpuMs, nowMs: () => performance.now() };

/**
 * Starts to hold every process added to `percent` of one core (200 is two cores). The pid must be Deno's own:
 * stopping bubblewrap stops nothing.
 */
export function startDutyCycle(percent: number, system: DutySystem = ownSystem): DutyCycle {
  const share = percent / 100;
  const cycled = new Map<number, CycledProcess>();
  const timer = setInterval(() => {
    for (const each of cycled.values()) each.step();
  }, intervalMs);
  return {
    add: (pid, part = 1) => cycled.set(pid, new CycledProcess(pid, share * part, system)),
    remove: (pid) => {
      cycled.get(pid)?.release();
      cycled.delete(pid);
    },
    close: () => {
      clearInterval(timer);
      for (const each of cycled.values()) each.release();
      cycled.clear();
    },
  };
}

class CycledProcess {
  readonly #pid: number;
  readonly #share: number;
  readonly #system: DutySystem;
  #state: DutyState;
  #lastMs: number;
  #lastCpuMs: number;
  #ranMs = intervalMs;
  #stopTimer: NodeJS.Timeout | undefined;

  constructor(pid: number, share: number, system: DutySystem) {
    this.#pid = pid;
    this.#share = share;
    this.#system = system;
    this.#state = fullCredit(share, intervalMs);
    this.#lastMs = system.nowMs();
    this.#lastCpuMs = system.cpuMs(pid) ?? 0;
  }

  step(): void {
    const nowMs = this.#system.nowMs();
    const elapsedMs = nowMs - this.#lastMs;
    const ranMs = Math.min(this.#ranMs, elapsedMs);
    const cpuMs = this.#system.cpuMs(this.#pid) ?? this.#lastCpuMs + ranMs;
    const measured = { usedMs: cpuMs - this.#lastCpuMs, elapsedMs, ranMs };
    this.#state = nextSlice(this.#state, measured, this.#share, intervalMs);
    this.#lastMs = nowMs;
    this.#lastCpuMs = cpuMs;
    this.#runFor(this.#state.runMs);
  }

  release(): void {
    clearTimeout(this.#stopTimer);
    this.#system.signal(this.#pid, "SIGCONT");
  }

  #runFor(runMs: number): void {
    clearTimeout(this.#stopTimer);
    this.#ranMs = runMs;
    this.#system.signal(this.#pid, runMs > 0 ? "SIGCONT" : "SIGSTOP");
    if (runMs <= 0 || runMs >= intervalMs) return;
    this.#stopTimer = setTimeout(() => this.#system.signal(this.#pid, "SIGSTOP"), runMs);
  }
}

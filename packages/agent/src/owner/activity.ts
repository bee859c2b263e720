import { readFileSync } from "node:fs";
import { tickMs } from "../share/cpu-time.js";
import { CpuMeter } from "./cpu-meter.js";

/** The CPU time of others is judged over this long, in ms: with looking four times a second, within a second. */
const windowMs = 500;
/** Percent of a core that others may use without being the owner at work: what a desktop does by itself. */
const restPercent = 25;
/** And this much for each core, since the two counts of time that are compared are rounded per core. */
const roundingPercent = 2;

/** What the system says of its use. */
export interface UseSources {
  /** ms of a clock that nobody sets. */
  now(): number;
  /** The text of /proc/stat. */
  stat(): string;
  /** The text of /proc/interrupts; empty where it cannot be read. */
  interrupts(): string;
  /** CPU time that this agent and its sandboxes have used, in ms. */
  ownCpuMs(): number;
}

/** The system's own files. */
export const procFiles = {
  now: () => performance.now(),
  stat: () => readIfReadable("/proc/stat"),
  interrupts: () => readIfReadable("/proc/interrupts"),
} as const;

/**
 * Sees whether the owner uses the machine: by the CPU time of everything that is not ours, and by the interrupts of
 * keyboards, mice and touchpads that have their own. USB devices share theirs with disks and are not seen so.
 */
export class ActivityWatch {
  readonly #sources: UseSources;
  readonly #others = new CpuMeter(windowMs);
  #interrupts: number;
  #activeAt: number;

  /** Whoever starts the agent is there. */
  constructor(sources: UseSources) {
    this.#sources = sources;
    this.#activeAt = sources.now();
    this.#interrupts = inputInterrupts(sources.interrupts());
  }

  /** Looks now, and says when the owner was last seen. */
  look(): number {
    const now = this.#sources.now();
    const { busyMs, cores } = parseBusy(this.#sources.stat());
    this.#others.read(now, busyMs - this.#sources.ownCpuMs());
    const interrupts = inputInterrupts(this.#sources.interrupts());
    const busy = (this.#others.percent ?? 0) > restPercent + roundingPercent * cores;
    if (busy || interrupts !== this.#interrupts) this.#activeAt = now;
    this.#interrupts = interrupts;
    return this.#activeAt;
  }
}

/** CPU time of all processes since the machine started, and its cores. Waiting, idling and stolen time are no use. */
export function parseBusy(stat: string): { busyMs: number; cores: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
    /^cpu +(.*)$/m.exec(stat)?.[1]?.split(" ").map(Number) ?? [];
  return { busyMs: (user + nice + system + irq + softirq) * tickMs, cores: stat.match(/^cpu\d/gm)?.length ?? 0 };
}

const inputDevice = /i8042|keyboard|mouse|touch|trackp|synaptics|elan/i;

/** Interrupts that input devices have raised, over all cores. */
export function inputInterrupts(text: string): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    if (!inputDevice.test(line)) continue;
    const counts = /^\s*\w+:((?:\s+\d+)+)\s/.exec(line)?.[1] ?? "";
    for (const count of counts.trim().split(/\s+/)) sum += Number(count);
  }
  return sum;
}

function readIfReadable(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

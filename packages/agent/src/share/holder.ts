import { AegisError } from "@aegis-pool/core";
import type { Brake } from "./brake.js";
import type { Group } from "./cgroups/group.js";
import { type Cgroups, openCgroups } from "./cgroups/open.js";
import { dutyCycleSupport, ownSystem, startDutyCycle } from "./duty-cycle.js";

/** One process that is held to its share. */
export interface Hold {
  /** Allows it so many bytes more than it has now, from outside, where the system can do that. */
  limitMemory(bytes: number): void;
  /** Whether the system has ended it because it went over. */
  readonly ranOutOfMemory: boolean;
  /** Its process has ended, or is about to. */
  release(): Promise<void>;
}

/** What holds sandboxes to what is lent. */
export interface ShareHolder {
  /** Such as "cgroups v1", as the owner is told. */
  readonly name: string;
  /** @param part of the share that it is held to; 1, all of it, by default */
  hold(pid: number, part?: number): Hold;
  close(): void;
}

/**
 * The best that this system grants to hold each process to `percent` of one core (200 is two): the kernel's groups, else
 * stopping and continuing. Whole cores are held too: collecting garbage on several threads, one task took 133% of a core.
 * @throws {AegisError} `bad-argument` where processes cannot be held at all
 */
export async function openHolder(options: {
  readonly percent: number | undefined;
  readonly cgroups: "auto" | "off";
  readonly brake: Brake;
}): Promise<ShareHolder> {
  const { percent, brake } = options;
  if (percent === undefined) return unheld;
  const cgroups = options.cgroups === "auto" ? await openCgroups() : "they are switched off";
  if (typeof cgroups !== "string") return heldByCgroups(cgroups, percent);
  const { available, detail } = dutyCycleSupport();
  if (available) return heldByDutyCycle(percent, brake);
  throw new AegisError({
    code: "bad-argument",
    message: `processes cannot be held to ${percent}% of a core here: ${detail}`,
    next: "lend whole cores on this machine, or fewer slots",
  });
}

const noHold: Hold = { limitMemory: () => {}, ranOutOfMemory: false, release: async () => {} };
const unheld: ShareHolder = { name: "nothing", hold: () => noHold, close: () => {} };

function heldByDutyCycle(percent: number, { signal }: Brake): ShareHolder {
  const cycle = startDutyCycle(percent, { ...ownSystem, signal });
  return {
    name: "stopping and continuing",
    hold(pid, part = 1) {
      cycle.add(pid, part);
      return { ...noHold, release: async () => cycle.remove(pid) };
    },
    close: () => cycle.close(),
  };
}

function heldByCgroups(cgroups: Cgroups, percent: number): ShareHolder {
  return {
    name: cgroups.name,
    hold(pid, part = 1) {
      const group = cgroups.make();
      try {
        group.hold(pid, percent * part);
      } catch (error) {
        void group.remove();
        throw notHeld(pid, error);
      }
      return holdOf(group);
    },
    close: () => cgroups.close(),
  };
}

function holdOf(group: Group): Hold {
  return {
    limitMemory: (bytes) => group.limitMemory(bytes),
    get ranOutOfMemory() {
      return group.ranOutOfMemory;
    },
    release: () => group.remove(),
  };
}

function notHeld(pid: number, cause: unknown): AegisError {
  return new AegisError({
    code: "sandbox-failed",
    message: `Process ${pid} could not be put into a group of its own: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: "Run `aegis doctor`; another agent will do the task.",
    cause,
  });
}

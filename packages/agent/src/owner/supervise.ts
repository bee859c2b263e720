import { describePause, type LendingTerms, type PauseReason } from "@aegis-pool/core";
import type { SandboxUse } from "../sandbox/use.js";
import { ActivityWatch, procFiles } from "./activity.js";
import type { AgentStatus, ControlCommand } from "./control-messages.js";
import type { Control } from "./control-server.js";
import { CpuMeter } from "./cpu-meter.js";
import { Owner, type Pausable } from "./owner.js";

/** The CPU that is shown is that of the last this many ms. */
const shownMs = 2_000;

/** What is supervised, and who is told. */
export interface Supervised {
  readonly terms: LendingTerms;
  readonly control: Control;
  readonly work: Pausable;
  /** What the sandboxes have used. */
  use(): SandboxUse;
  /** What the owner is told besides why it is paused and what is used. */
  describe(): Omit<AgentStatus, "paused" | "used" | "pid">;
  onChange(reason: PauseReason | undefined, words: string): void;
}

/** Puts the owner in charge of an agent: their word over the control socket, their hours and their presence. */
export function supervise(supervised: Supervised): { close(): Promise<void> } {
  const { terms, control, work } = supervised;
  const meter = new CpuMeter(shownMs);
  const words = (reason: PauseReason): string => describePause(reason, terms);
  const measure = (): SandboxUse => {
    const use = supervised.use();
    meter.read(performance.now(), use.cpuMs);
    return use;
  };
  const watch = terms.quietMs === undefined ? undefined : watchOwner(() => measure().cpuMs);
  const owner = new Owner({
    terms,
    work,
    surroundings: {
      minuteOfDay: localMinute,
      now: () => performance.now(),
      activeAt: () => (measure(), watch?.look()),
    },
    onChange: (reason) => supervised.onChange(reason, reason ? words(reason) : ""),
  });
  owner.start();
  control.serve((command) => {
    obey(owner, command);
    const { processes, residentBytes } = measure();
    const { reason } = owner;
    return {
      pid: process.pid,
      ...supervised.describe(),
      ...(reason && { paused: { reason, words: words(reason) } }),
      used: { processes, cpuPercent: Math.round(meter.percent ?? 0), residentBytes },
    };
  });
  return {
    close: () => {
      owner.close();
      return control.close();
    },
  };
}

function obey(owner: Owner, command: ControlCommand): void {
  if (command === "pause") owner.pause();
  if (command === "resume") owner.resume();
}

/** Everything is the owner's that neither this process nor a sandbox does. */
function watchOwner(sandboxCpuMs: () => number): ActivityWatch {
  const ownCpuMs = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000 + sandboxCpuMs();
  };
  return new ActivityWatch({ ...procFiles, ownCpuMs });
}

function localMinute(): number {
  const now = new Date();
  return now.getHours() * 60 + now.getMinutes();
}

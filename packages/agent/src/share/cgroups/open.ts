import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { shareOutControllers } from "./delegation.js";
import { Group } from "./group.js";
import { findHierarchies, type Hierarchy } from "./hierarchy.js";
import { groupPrefix, removeLeftovers } from "./leftovers.js";

/** Groups for this agent's sandboxes, where the system grants them. */
export interface Cgroups {
  /** Such as "cgroups v1". */
  readonly name: string;
  /** Where they are made. */
  readonly folder: string;
  /** A group for one process. @throws where the system no longer lets us */
  make(): Group;
  close(): void;
}

/** What a process is held to, to see whether holding works: any values do. */
const tried = { percent: 50, memoryBytes: 1 << 28 };

/** The kernel's groups, tried by holding a process with them, or the reason why there are none for us. */
export async function openCgroups(): Promise<Cgroups | string> {
  if (process.platform !== "linux") return `there are none on ${process.platform}`;
  const whys: string[] = [];
  for (const hierarchy of ownHierarchies()) {
    try {
      return await openHierarchy(hierarchy);
    } catch (error) {
      whys.push(error instanceof Error ? error.message : String(error));
    }
  }
  return whys.length > 0 ? whys.join("; ") : "this process is in no group of cpu and memory";
}

function ownHierarchies(): Hierarchy[] {
  try {
    return findHierarchies(readFileSync("/proc/self/mountinfo", "latin1"), readFileSync("/proc/self/cgroup", "latin1"));
  } catch {
    return [];
  }
}

async function openHierarchy(hierarchy: Hierarchy): Promise<Cgroups> {
  const { version, cpu, memory } = hierarchy;
  const prefix = groupPrefix();
  for (const folder of new Set([cpu, memory])) await removeLeftovers(folder);
  const close = version === 2 ? shareOutControllers(cpu, `${prefix}agent`) : () => {};
  try {
    const make = (): Group => new Group(hierarchy, `${prefix}${made++}`);
    await tryGroup(make());
    return { name: `cgroups v${version}`, folder: cpu, make, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Of all groups that this process makes, so that two in a row do not meet. */
let made = 0;

/** Holds a process of our own in `group`, as later those of tasks, and takes the group away. */
async function tryGroup(group: Group): Promise<void> {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore"],
    env: {},
  });
  const ended = once(child, "close");
  try {
    if (child.pid === undefined) throw new Error("no process could be started to try a group with");
    group.hold(child.pid, tried.percent);
    group.limitMemory(tried.memoryBytes);
  } finally {
    child.kill("SIGKILL");
    await ended;
    await group.remove();
  }
}

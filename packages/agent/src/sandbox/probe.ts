import { accessSync, constants, readFileSync } from "node:fs";
import { findDeno } from "./deno.js";
import { chooseWalls } from "./walls/choose.js";
import { findProgram } from "./walls/programs.js";

/** One thing that sandboxes are made of, as `aegis doctor` shows it. */
export interface ProbedPart {
  readonly name: string;
  readonly available: boolean;
  readonly detail: string;
  readonly howToGet: string;
}

/** What this machine has for sandboxes. Bubblewrap is tried by starting a process behind it. */
export async function probeSandbox(): Promise<ProbedPart[]> {
  return [probeDeno(), await probeBubblewrap(), probePrlimit(), probeCgroups()];
}

function probeDeno(): ProbedPart {
  const path = findDeno();
  return {
    name: "deno",
    available: path !== undefined,
    detail: path ?? `npm has no Deno for ${process.platform} ${process.arch}`,
    howToGet: "run `npm install` without --omit=optional, on Linux (glibc), macOS or Windows",
  };
}

async function probeBubblewrap(): Promise<ProbedPart> {
  const howToGet = "install the package `bubblewrap`, and allow unprivileged user namespaces (Linux only)";
  const part = (available: boolean, detail: string): ProbedPart => ({
    name: "bubblewrap",
    available,
    detail,
    howToGet,
  });
  const [deno, path] = [findDeno(), findProgram("bwrap")];
  if (process.platform !== "linux") return part(false, `there is no bubblewrap for ${process.platform}`);
  if (path === undefined) return part(false, "no `bwrap` on the PATH");
  if (deno === undefined) return part(false, `${path}, not tried without deno`);
  const { names, refused } = await chooseWalls(deno, "auto");
  return names.includes("bubblewrap") ? part(true, path) : part(false, `${path} does not work here: ${refused ?? ""}`);
}

function probePrlimit(): ProbedPart {
  const path = process.platform === "linux" ? findProgram("prlimit") : undefined;
  return {
    name: "prlimit",
    available: path !== undefined,
    detail: path ?? "no `prlimit`: memory is bounded by watching alone",
    howToGet: "install the package `util-linux` (Linux only)",
  };
}

const cgroupFolders = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"];

function probeCgroups(): ProbedPart {
  const folder = process.platform === "linux" ? cgroupFolders.find(isOurs) : undefined;
  return {
    name: "cgroups",
    available: folder !== undefined,
    detail: `${folder ?? "none that this user may write"}: limits are kept by prlimit, watching and duty cycling`,
    howToGet: "run the agent as a systemd service with `Delegate=yes`",
  };
}

function isOurs(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return readFileSync(`${folder}/cgroup.procs`).length >= 0;
  } catch {
    return false;
  }
}

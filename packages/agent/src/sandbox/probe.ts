import { openCgroups } from "../share/index.js";
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
  return [probeDeno(), await probeBubblewrap(), probePrlimit(), await probeCgroups()];
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

async function probeCgroups(): Promise<ProbedPart> {
  const cgroups = await openCgroups();
  const name = "cgroups";
  const howToGet = "run the agent as a systemd service with `Delegate=yes`";
  if (typeof cgroups === "string") {
    const instead = "the share is held by prlimit, watching, and stopping and continuing";
    return { name, available: false, detail: `${cgroups}: ${instead}`, howToGet };
  }
  cgroups.close();
  return { name, available: true, detail: `${cgroups.name} below ${cgroups.folder} hold the share`, howToGet };
}

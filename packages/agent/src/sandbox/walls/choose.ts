import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { dataLimiter, type DataLimiter } from "../memory.js";
import { denoArguments, denoEnvironment } from "../deno.js";
import { startProcess } from "../process.js";
import { importMapFile, mainRealmFile } from "../realm-files.js";
import { bubblewrapWall } from "./bubblewrap.js";
import { limitsWall, limitsWallName } from "./limits.js";
import { noNewPrivilegesWall, unprivilegedWall } from "./unprivileged.js";
import type { Command, Wall } from "./wall.js";

/** The walls that work here, and the command they make. */
export interface ChosenWalls {
  readonly names: readonly string[];
  readonly command: Command;
  /** Absent where the system has no RLIMIT_DATA: memory is then bounded by watching alone. */
  readonly limitData: DataLimiter | undefined;
}

/** Any limit does to see whether limiting works. */
const triedLimitBytes = 1 << 28;

/** A program on the PATH. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** The strongest walls with which a process really starts here: each combination is tried by starting one. */
export async function chooseWalls(deno: string, bubblewrap: "auto" | "off"): Promise<ChosenWalls> {
  let last: unknown;
  for (const walls of combinations(deno, bubblewrap)) {
    try {
      return await tryWalls(
        walls,
        walls.reduce<Command>((inner, wall) => wall.wrap(inner), bareCommand(deno)),
      );
    } catch (error) {
      last = error;
    }
  }
  throw last instanceof AegisError ? last : new Error("no sandbox process could be started", { cause: last });
}

async function tryWalls(walls: readonly Wall[], command: Command): Promise<ChosenWalls> {
  const process = await startProcess(command);
  try {
    const names = walls.map((wall) => wall.name);
    const prlimit = names.includes(limitsWallName) ? findProgram("prlimit") : undefined;
    const limitData = prlimit === undefined ? undefined : dataLimiter(prlimit, command.spawn);
    const limits = await limitData?.(process, triedLimitBytes).then(
      () => true,
      () => false,
    );
    return { names, command, limitData: limits === true ? limitData : undefined };
  } finally {
    process.kill();
  }
}

function bareCommand(deno: string): Command {
  const reportsMemory = process.platform !== "linux";
  const args = denoArguments({ mainRealm: mainRealmFile, importMap: importMapFile, reportsMemory });
  return { file: deno, args, env: denoEnvironment, spawn: {}, pidFromBubblewrap: false };
}

/** From the strongest to none, innermost wall first. */
function combinations(deno: string, bubblewrap: "auto" | "off"): Wall[][] {
  if (process.platform !== "linux") return [[]];
  const [bwrap, prlimit, setpriv] = ["bwrap", "prlimit", "setpriv"].map(findProgram);
  const inner = bwrap !== undefined && bubblewrap === "auto" ? [bubblewrapWall(bwrap, deno)] : [];
  const outer = [
    ...(setpriv === undefined ? [] : [noNewPrivilegesWall(setpriv)]),
    ...(prlimit === undefined ? [] : [limitsWall(prlimit)]),
  ];
  const users = process.getuid?.() === 0 ? [[unprivilegedWall], []] : [[]];
  const withUsers = (walls: Wall[]): Wall[][] => users.map((user) => [...walls, ...user]);
  return [...(inner.length > 0 ? withUsers([...inner, ...outer]) : []), ...withUsers(outer), []];
}

import { AegisError } from "@aegis-pool/core";
import { type Compiler, denoArguments, denoEnvironment } from "../deno.js";
import { dataLimiter, type DataLimiter } from "../memory.js";
import { startProcess, StartTimeout } from "../process.js";
import { importMapFile, mainRealmFile } from "../realm-files.js";
import { wallCombinations } from "./combinations.js";
import { gpuEnvironment, type Purpose } from "./gpu.js";
import { limitsWallName } from "./limits.js";
import { findProgram } from "./programs.js";
import type { Command, Wall } from "./wall.js";

/** The walls that work here, and the command they make. */
export interface ChosenWalls {
  readonly names: readonly string[];
  readonly command: Command;
  /** The same for deterministic programs, whose code is made alike in every run. */
  readonly steady: Command;
  /** Absent where the system has no RLIMIT_DATA: memory is then bounded by watching alone. */
  readonly limitData: DataLimiter | undefined;
  /** Why the strongest combination did not work, where it did not. */
  readonly refused: string | undefined;
}

/** Any limit does to see whether limiting works. */
const triedLimitBytes = 1 << 28;

/** The strongest walls with which a process really starts here: each combination is tried by starting one. */
export async function chooseWalls(
  deno: string,
  bubblewrap: "auto" | "off",
  { purpose = "plain", compiler = "optimising" }: { purpose?: Purpose; compiler?: Compiler } = {},
): Promise<ChosenWalls> {
  let refused: AegisError | undefined;
  for (const walls of wallCombinations(deno, bubblewrap, purpose)) {
    try {
      const tried = await tryWalls(walls, bareCommand(deno, purpose, compiler), purpose);
      const steady = wrapAll(walls, bareCommand(deno, purpose, compiler === "optimising" ? "steady" : compiler));
      return { ...tried, steady, refused: refused?.message };
    } catch (error) {
      if (!(error instanceof AegisError) || error instanceof StartTimeout) throw error;
      refused ??= error;
    }
  }
  throw refused ?? new Error("there was no combination of walls to try");
}

async function tryWalls(
  walls: readonly Wall[],
  bare: Command,
  purpose: Purpose,
): Promise<Omit<ChosenWalls, "refused" | "steady">> {
  const command = wrapAll(walls, bare);
  const process = await startProcess(command);
  try {
    const names = walls.map((wall) => wall.name);
    const prlimit = names.includes(limitsWallName) ? findProgram("prlimit") : undefined;
    const limitData = prlimit === undefined ? undefined : dataLimiter(prlimit, command.spawn, purpose);
    const limits = await limitData?.(process, triedLimitBytes).then(
      () => true,
      () => false,
    );
    return { names, command, limitData: limits === true ? limitData : undefined };
  } finally {
    process.kill();
  }
}

function wrapAll(walls: readonly Wall[], bare: Command): Command {
  let command = bare;
  for (const wall of walls) command = wall.wrap(command);
  return command;
}

function bareCommand(deno: string, purpose: Purpose, compiler: Compiler): Command {
  const reportsMemory = process.platform !== "linux";
  const args = denoArguments({ mainRealm: mainRealmFile, importMap: importMapFile, reportsMemory, purpose, compiler });
  return {
    file: deno,
    args,
    env: purpose === "gpu" ? { ...denoEnvironment, ...gpuEnvironment } : denoEnvironment,
    spawn: {},
    bubblewrap: undefined,
  };
}

import { bubblewrapWall } from "./bubblewrap.js";
import { gpuGroup, type Purpose } from "./gpu.js";
import { limitsWall } from "./limits.js";
import { lowPriorityWall } from "./priority.js";
import { findProgram } from "./programs.js";
import { noNewPrivilegesWall, unprivilegedWall } from "./unprivileged.js";
import type { Wall } from "./wall.js";

/** The walls worth trying here, from the strongest combination to none; innermost wall first. */
export function wallCombinations(deno: string, bubblewrap: "auto" | "off", purpose: Purpose): Wall[][] {
  const nice = ifFound("nice", lowPriorityWall);
  if (process.platform !== "linux") return [nice, []];
  const outer = [
    ...ifFound("setpriv", noNewPrivilegesWall),
    ...ifFound("prlimit", (path) => limitsWall(path, purpose)),
    ...nice,
  ];
  const inner = bubblewrap === "auto" ? ifFound("bwrap", (path) => bubblewrapWall(path, deno, purpose)) : [];
  const whole = inner.length > 0 ? [[...inner, ...outer], outer] : [outer];
  const users = process.getuid?.() === 0 ? [[unprivilegedWall(purpose === "gpu" ? gpuGroup() : undefined)], []] : [[]];
  return [...whole.flatMap((walls) => users.map((user) => [...walls, ...user])), []];
}

function ifFound(program: string, wall: (path: string) => Wall): Wall[] {
  const path = findProgram(program);
  return path === undefined ? [] : [wall(path)];
}

import type { Wall } from "./wall.js";

export const limitsWallName = "prlimit";

/**
 * Resource limits by util-linux' `prlimit`: no core files, no byte written to any file, few descriptors.
 * The data segment is limited when a job opens, see `dataLimiter`.
 */
export function limitsWall(prlimit: string): Wall {
  return {
    name: limitsWallName,
    wrap: (command) => ({
      ...command,
      file: prlimit,
      args: ["--core=0", "--fsize=0", "--nofile=64", "--", command.file, ...command.args],
    }),
  };
}

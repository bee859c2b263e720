import type { Purpose } from "./gpu.js";
import type { Wall } from "./wall.js";

export const limitsWallName = "prlimit";

/** Descriptors of a process: a driver of a graphics card keeps dozens. */
const descriptors: Readonly<Record<Purpose, number>> = { plain: 64, gpu: 512 };

/**
 * Resource limits by util-linux' `prlimit`: no core files, no byte written to any file, few descriptors.
 * The data segment is limited when a job opens, see `dataLimiter`.
 */
export function limitsWall(prlimit: string, purpose: Purpose): Wall {
  return {
    name: limitsWallName,
    wrap: (command) => ({
      ...command,
      file: prlimit,
      args: ["--core=0", "--fsize=0", `--nofile=${descriptors[purpose]}`, "--", command.file, ...command.args],
    }),
  };
}

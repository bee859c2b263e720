import type { Wall } from "./wall.js";

/** The lowest priority there is: the owner's own programs go first. */
export function lowPriorityWall(nice: string): Wall {
  return {
    name: "low priority",
    wrap: (command) => ({ ...command, file: nice, args: ["-n", "19", command.file, ...command.args] }),
  };
}

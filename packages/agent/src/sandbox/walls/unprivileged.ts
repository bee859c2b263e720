import type { Wall } from "./wall.js";

/** The user and group "nobody" wherever Linux follows its standard. */
const nobody = 65_534;

/** Where the agent runs as root, a sandbox process does not; its group may be one that may use a device. */
export function unprivilegedWall(group: number = nobody): Wall {
  return {
    name: "unprivileged user",
    wrap: (command) => ({ ...command, spawn: { uid: nobody, gid: group } }),
  };
}

/** Dies with the agent even while stopped, and can never gain a privilege: util-linux' `setpriv`. */
export function noNewPrivilegesWall(setpriv: string): Wall {
  return {
    name: "no new privileges",
    wrap: (command) => ({
      ...command,
      file: setpriv,
      args: ["--no-new-privs", "--pdeathsig", "KILL", "--", command.file, ...command.args],
    }),
  };
}

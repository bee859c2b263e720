import { homedir } from "node:os";
import { join } from "node:path";

/** Where this user's keys and jobs are: `AEGIS_HOME`, by default `.aegis` in the home folder. */
export function aegisHome(): string {
  return process.env["AEGIS_HOME"] ?? join(homedir(), ".aegis");
}

/** The key of the account that pays for this user's jobs. */
export function accountKeyFile(): string {
  return join(aegisHome(), "account.key");
}

/** Where this user's agent keeps its keys unless it is told otherwise. */
export function agentFolder(): string {
  return join(aegisHome(), "agent");
}

/** The key of the operator that enrolled this machine's agents. */
export function operatorKeyFile(): string {
  return join(agentFolder(), "operator.key");
}

/** Where the agent that lends the graphics card keeps its own, within the folder of the one that lends the cores. */
export function graphicsCardFolder(agentsFolder: string): string {
  return join(agentsFolder, "gpu-0");
}

/** Where a pool keeps its keys and data unless it is told otherwise. As root the database runs as an unprivileged user, which could not reach root's home folder. */
export function poolFolder(): string {
  return process.getuid?.() === 0 && !process.env["AEGIS_HOME"] ? "/var/lib/aegis-pool" : join(aegisHome(), "pool");
}

/** The pool that commands talk to unless they name one: `AEGIS_POOL`, by default one on this machine. */
export function defaultPool(): string {
  return process.env["AEGIS_POOL"] ?? "http://127.0.0.1:7700";
}

import { execFile } from "node:child_process";
import type { ServerAccount } from "./account.js";

/** How a short command ended. */
export interface CommandOutcome {
  /** Its exit status; -1 where it could not be started or was killed. */
  readonly status: number;
  /** Standard output and standard error, at most 1 MiB. */
  readonly output: string;
}

/**
 * What database processes see of the environment: nothing of the pool's own, which may hold secrets. Messages are
 * English, since failures are told apart by them.
 */
export const plainEnvironment: NodeJS.ProcessEnv = {
  LC_ALL: "C",
  TZ: "UTC",
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  ...(process.platform === "win32" && { SystemRoot: process.env["SystemRoot"], TEMP: process.env["TEMP"] }),
};

/** Runs `file` to its end under `account`, by default in `/` (it may not be allowed into the current directory). */
export function runCommand(
  file: string,
  args: readonly string[],
  account: ServerAccount,
  cwd: string = "/",
): Promise<CommandOutcome> {
  return new Promise((resolve) => {
    const options = { ...account, cwd, env: plainEnvironment, timeout: 120_000, windowsHide: true };
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ status: 0, output: stdout + stderr });
      const status = typeof error.code === "number" ? error.code : -1;
      resolve({ status, output: stdout + stderr || error.message });
    });
  });
}

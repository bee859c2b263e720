/** The signals that hold a process without ending it. */
export type HoldingSignal = "SIGSTOP" | "SIGCONT";

/** Whether this system has signals that stop a process and let it go on. */
export const canStop = process.platform !== "win32";

/** Sends `name` to a process that may have ended. */
export function sendSignal(pid: number, name: HoldingSignal): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended; whoever added it will remove it.
  }
}

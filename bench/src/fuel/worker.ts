import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { findDeno, meterFile } from "@aegis-pool/agent";
import { cleanedUp } from "../cleanups.js";

/** What one turn of a module's work took of the processor, and what came of it. */
export interface Turn {
  readonly cpuMs: number;
  readonly digest: string;
  /** Modules that were metered. */
  readonly metered: number;
}

/** A process with one module at its work. */
export interface FuelWorker {
  turn(): Promise<Turn>;
  close(): Promise<unknown>;
}

const entry = fileURLToPath(new URL("./fuel-process.js", import.meta.url));
/** As deterministic tasks are compiled: on the thread that computes. */
const flags = "--v8-flags=--single-threaded";

/** Starts the agent's own Deno binary on the work `name`, with nothing around it. */
export function openWorker(name: string, isMetered: boolean): FuelWorker {
  const args = ["run", "-A", "--quiet", flags, entry, name, ...(isMetered ? [meterFile] : [])];
  const child = spawn(findDeno() ?? "deno", args, { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    close: cleanedUp(async () => child.kill("SIGKILL")),
    async turn() {
      child.stdin.write("turn\n");
      const { done, value } = await answers.next();
      if (done) throw new Error(`the process of ${name} ended; see above`);
      return JSON.parse(value) as Turn;
    },
  };
}

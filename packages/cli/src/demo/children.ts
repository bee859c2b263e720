import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { AegisError } from "@aegis-pool/core";

const aegis = fileURLToPath(new URL("../../bin/aegis.js", import.meta.url));

/** A pool or an agent that runs as a process of its own. */
export interface DemoProcess {
  readonly process: ChildProcess;
  /** The first JSON object it printed: what it is. */
  readonly ready: Record<string, unknown>;
}

/** Starts `aegis ARGS --json` and waits until it says what it is. */
export function startAegis(args: readonly string[]): Promise<DemoProcess> {
  return start(aegis, [...args, "--json"], `aegis ${args.slice(0, 1).join(" ")}`);
}

/** Starts the demo's own program of that name in a process of its own, and waits until it says what it is. */
export function startOwn(name: string, args: readonly string[]): Promise<DemoProcess> {
  return start(fileURLToPath(new URL(`${name}.js`, import.meta.url)), args, `the demo's ${name}`);
}

async function start(script: string, args: readonly string[], name: string): Promise<DemoProcess> {
  // by the channel a child notices when the demo itself is killed, and stops
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => (complaint = `${complaint}${data.toString()}`.slice(-2_000)));
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    lines.once("line", (line) => resolve(JSON.parse(line) as Record<string, unknown>));
    child.once("exit", () => reject(didNotStart(name, complaint)));
  });
  const described = await ready;
  child.removeAllListeners("exit");
  lines.on("line", () => undefined); // what follows is read and dropped, so that the pipe never fills
  return { process: child, ready: described };
}

/** Asks a process to stop, and waits until it has. */
export async function stopAegis({ process: child }: DemoProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

function didNotStart(name: string, complaint: string): AegisError {
  return new AegisError({
    code: "internal",
    message: `${name} did not start: ${complaint.trim() || "it said nothing"}`,
    next: "Run `aegis doctor`, and the command by itself to see more.",
  });
}

import { type ChildProcessWithoutNullStreams, spawn, type SpawnOptionsWithoutStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { DatabaseConnection } from "../../src/store/embedded/index.js";

/** A child Node.js process that speaks lines; killed after the test. */
export interface Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** Its next line of standard output; fails when it ends without one. */
  line(): Promise<string>;
  send(command: string): void;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts `children/<file>`. */
export function startChild(file: string, args: readonly string[], options: SpawnOptionsWithoutStdio = {}): Child {
  const path = fileURLToPath(new URL(`./children/${file}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], options);
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${file} ended: ${errors}`);
      return value;
    },
    send: (command) => void child.stdin.write(`${command}\n`),
    kill,
  };
}

/** What `database-child.mjs` says. */
export interface DatabaseChildLine {
  readonly pid?: number;
  readonly connection?: DatabaseConnection;
  readonly error?: string;
  readonly message?: string;
  readonly acknowledged?: number;
  readonly stopped?: true;
}

export async function saidBy(child: Child): Promise<DatabaseChildLine> {
  return JSON.parse(await child.line()) as DatabaseChildLine;
}

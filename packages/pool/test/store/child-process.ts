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

const files = {
  database: new URL("./children/database-child.mjs", import.meta.url),
  lock: new URL("./children/lock-child.mjs", import.meta.url),
  upload: new URL("./children/upload-child.mjs", import.meta.url),
};

/** Starts one of `children/`. */
export function startChild(
  name: keyof typeof files,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio = {},
): Child {
  const child = spawn(process.execPath, [fileURLToPath(files[name]), ...args], options);
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
      if (done === true) throw new Error(`${name} ended: ${errors}`);
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

/** What it says next; fails when that is an error. */
export async function saidBy(child: Child): Promise<DatabaseChildLine> {
  const said = JSON.parse(await child.line()) as DatabaseChildLine;
  if (said.error !== undefined) throw new Error(`${said.error}: ${said.message}`);
  return said;
}

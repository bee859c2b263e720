import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a piece of work took in a process of its own. */
export interface Took {
  readonly ms: number;
  /** The most memory that the process ever had, in MiB. */
  readonly memoryMiB: number;
  /** The longest time in which it did nothing else, in ms. */
  readonly stallMs: number;
}

/** Runs the entry file `entry` beside this one with `options`, and reads what it says it took. @throws where it fails */
export async function inChild(entry: "close" | "verify", options: object): Promise<Took> {
  const path = fileURLToPath(new URL(`./${entry}-process.js`, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit") as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`the process that is to ${entry} an epoch ended with code ${code}; see above`);
  return JSON.parse(said) as Took;
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { cleanedUp } from "../cleanups.js";
import type { FromChild } from "./parent.js";

/** A pool or an agent in a process of its own, as in production. */
export interface MarketProcess {
  /** Such as http://127.0.0.1:7700, for a pool. */
  readonly url: string;
  /** Processor time that the process itself has used, in ms. */
  cpuMs(): Promise<number>;
  /** The same, and bytes on the connections that the process itself has opened since it was ready, both ways. */
  used(): Promise<{ readonly cpuMs: number; readonly wireBytes: number }>;
  stop(): Promise<unknown>;
}

/**
 * Starts the entry file `entry` beside this one with `options`, and waits until it is ready.
 * @throws where it ends before
 */
export async function startMarketProcess(entry: "pool" | "agent", options: object): Promise<MarketProcess> {
  const path = fileURLToPath(new URL(`./${entry}-process.js`, import.meta.url));
  const child = fork(path, [JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const stop = cleanedUp(() => stopped(child));
  const { url } = await answer(child, "ready");
  return {
    url,
    stop,
    cpuMs: async () => (await used(child)).cpuMs,
    used: () => used(child),
  };
}

function used(child: ChildProcess) {
  child.send("cpu");
  return answer(child, "cpu");
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  await ended;
}

async function answer<K extends FromChild["kind"]>(child: ChildProcess, kind: K) {
  const answered = new AbortController();
  const ended = once(child, "exit", { signal: answered.signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with code ${String(code)}; see above`);
  });
  const [message] = (await Promise.race([once(child, "message"), ended])) as [FromChild];
  ended.catch(() => undefined); // it is not waited for any more
  answered.abort();
  if (message.kind !== kind) throw new Error(`a process of the benchmark answered ${message.kind}, not ${kind}`);
  return message as Extract<FromChild, { kind: K }>;
}

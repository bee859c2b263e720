import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { foundryProgram } from "./foundry.js";

/** A chain of this process's own, on loopback, that ends with it. */
export interface LocalChain {
  readonly url: string;
  readonly chainId: number;
  stop(): Promise<void>;
}

/**
 * Starts anvil, which npm has installed with its binary, on a port that is free; each transaction is a block of its own.
 * @throws where there is none for this system
 */
export async function startChain(chainId = 31_337): Promise<LocalChain> {
  const args = ["--port", "0", "--host", "127.0.0.1", "--chain-id", String(chainId), "--hardfork", "cancun"];
  const child = spawn(foundryProgram("anvil"), args, { stdio: ["ignore", "pipe", "inherit"] });
  const killed = () => void child.kill("SIGKILL");
  process.once("exit", killed);
  const url = await addressOf(child);
  return {
    url,
    chainId,
    stop: async () => {
      process.off("exit", killed);
      const ended = once(child, "exit");
      if (child.kill()) await ended;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new TypeError("anvil's output is a pipe");
  for await (const line of createInterface(child.stdout)) {
    const address = /^Listening on (\S+)$/.exec(line)?.[1];
    if (address === undefined) continue;
    child.stdout.resume(); // a pipe that nobody reads would stop it
    return `http://${address}`;
  }
  throw new Error("anvil has ended before it listened");
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { foundryProgram } from "./foundry.js";

/** Keys that every anvil gives money to, known to everybody: worth nothing anywhere else. */
export const localKeys = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
] as const;

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

import type { AegisError } from "@aegis-pool/core";
import { serverFailure } from "./failures.js";
import type { Server } from "./server.js";

/** A server that is started again when it dies. */
export interface Supervised {
  readonly pid: number;
  /** Resolves after {@link stop}, or with the reason when the server died and could not be kept running. */
  readonly ended: Promise<AegisError | undefined>;
  stop(): Promise<void>;
}

/** More deaths than this within the window are a fault that starting again does not cure. */
const restartLimit = 5;
const restartWindowMs = 60_000;

/**
 * Keeps a server running: whatever kills it (an operator, the system short of memory), `launch` brings it back, and
 * clients connect again at the same place.
 */
export async function supervise(
  launch: () => Promise<Server>,
  data: string,
  log: (line: string) => void,
): Promise<Supervised> {
  let server = await launch();
  let stopping = false;
  const keepRunning = async (): Promise<AegisError | undefined> => {
    const restarts: number[] = [];
    for (;;) {
      const output = await server.ended;
      if (stopping) return undefined;
      if (restarts.filter((time) => time > Date.now() - restartWindowMs).length >= restartLimit) {
        return serverFailure(data, output);
      }
      log(`the database ended unexpectedly; starting it again`);
      restarts.push(Date.now());
      server = await launch();
      if (stopping) await server.stop();
    }
  };
  const ended = keepRunning().catch((error: AegisError) => error);
  return {
    get pid() {
      return server.pid;
    },
    ended,
    async stop() {
      stopping = true;
      await server.stop();
      await ended;
    },
  };
}

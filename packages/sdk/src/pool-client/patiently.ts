import { setTimeout as delay } from "node:timers/promises";
import { AegisError } from "@aegis-pool/core";

/** How often something is sent while no pool answers, and the wait before each, in ms: a pool that restarts is back within it. */
const patience = { attempts: 30, waitMs: 1_000 };

/**
 * Does what may be done twice, until the pool has answered.
 * @param worthwhile asked before each further attempt
 */
export async function patiently<T>(send: () => Promise<T>, worthwhile: () => boolean = () => true): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const unanswered = error instanceof AegisError && error.code === "pool-unreachable";
      if (!unanswered || !worthwhile() || attempt === patience.attempts) throw error;
      await delay(patience.waitMs);
    }
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { AegisError } from "@aegis-pool/core";

/** The wait before something is sent again, in ms. */
const waitMs = 1_000;
/** How often it is sent: a pool that restarts is back within it. */
const usualAttempts = 30;

/**
 * Does what may be done twice, until the pool has answered.
 * @param worthwhile asked before each further attempt
 */
export async function patiently<T>(
  send: () => Promise<T>,
  worthwhile: () => boolean = () => true,
  attempts = usualAttempts,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const unanswered = error instanceof AegisError && error.code === "pool-unreachable";
      if (!unanswered || !worthwhile() || attempt === attempts) throw error;
      await delay(waitMs);
    }
  }
}

import { AegisError } from "@aegis-pool/core";

/** How long a page that was closed or loaded anew may still count as there, in ms: a browser ends its worker when it finds the time. */
const patienceMs = 5_000;

/**
 * Does something while no other page of this browser does it under the same name: two that had the same state would send its values twice.
 * @throws {AegisError} `bad-argument` where another still does, or where the page did not come by a connection that nobody can alter
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!isSecureContext) {
    throw new AegisError({
      code: "bad-argument",
      message: `This page came from ${location.origin}, by a connection on which anybody could have altered it.`,
      next: "Serve it by https, or from this machine as http://localhost.",
    });
  }
  let isAlone = false;
  // the signal ends the waiting alone, not what is done when it was worth it: Web Locks API, section 2.4
  const options = { signal: AbortSignal.timeout(patienceMs) };
  try {
    return await navigator.locks.request(`aegis-federated ${name}`, options, () => {
      isAlone = true;
      return work();
    });
  } catch (error) {
    if (isAlone) throw error;
    throw new AegisError({
      code: "bad-argument",
      message: "Another page of this browser takes part with this invitation.",
      next: "Go on there, or close it first.",
      cause: error,
    });
  }
}

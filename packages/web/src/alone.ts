import { AegisError } from "@aegis-pool/core";

/**
 * Does something while no other page of this browser does it under the same name: two that had the same state would send its values twice.
 * @throws {AegisError} `bad-argument` where another does, or where the page did not come by a connection that nobody can alter
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (!isSecureContext) {
    throw new AegisError({
      code: "bad-argument",
      message: `This page came from ${location.origin}, by a connection on which anybody could have altered it.`,
      next: "Serve it by https, or from this machine as http://localhost.",
    });
  }
  return navigator.locks.request(`aegis-federated ${name}`, { ifAvailable: true }, (lock) => {
    if (lock) return work();
    throw new AegisError({
      code: "bad-argument",
      message: "Another page of this browser takes part with this invitation.",
      next: "Go on there, or close it first.",
    });
  });
}

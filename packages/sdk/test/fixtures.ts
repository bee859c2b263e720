import type { PinnedRoot, ToReleaser } from "@aegis-pool/core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { connectFunded } from "../../../test/fixtures/accounts.js";
import { type AlteringProxy, startAlteringProxy } from "../../../test/fixtures/altering-proxy.js";
import { sharedPool, type TestPool } from "../../../test/fixtures/test-pool.js";
import { jsProgram, type JobListener, type JobOptions, type TaskResult } from "../src/index.js";

export const program = jsProgram("export default (input) => input;");

/** An honest pool behind a proxy that can make it dishonest; honest again before each test. */
export function dishonestPool(attestationRoots?: readonly PinnedRoot[]): {
  readonly pool: () => TestPool;
  readonly proxy: () => AlteringProxy;
} {
  const pool = sharedPool(undefined, { attestationRoots });
  let proxy: AlteringProxy | undefined;
  beforeAll(async () => {
    proxy = await startAlteringProxy(pool().url);
  });
  beforeEach(() => {
    for (const name of Object.keys(proxy?.alter ?? {})) delete proxy?.alter[name as keyof AlteringProxy["alter"]];
  });
  afterAll(() => proxy?.stop());
  return {
    pool,
    proxy: () => {
      if (!proxy) throw new Error("the proxy is there within tests only");
      return proxy;
    },
  };
}

/** A job of one task through a proxy; nothing is waited for. */
export async function oneTask(proxy: { readonly url: string }, options: JobOptions & JobListener = {}) {
  const pool = await connectFunded(proxy.url);
  return pool.map(program, ["input"], options);
}

export type Finished = Extract<ToReleaser, { type: "finished" }>;

/** Alters what the pool says about finished tasks. */
export function alterFinished({ alter }: AlteringProxy, change: (finished: Finished) => Finished): void {
  alter.toReleaser = (message) => [message.type === "finished" ? change(message) : message];
}

export async function firstOf<T>(results: AsyncIterable<TaskResult<T>>): Promise<TaskResult<T>> {
  for await (const result of results) return result;
  throw new Error("the job ended without a result");
}

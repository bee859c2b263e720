import { afterAll, beforeAll, beforeEach } from "vitest";
import { type AlteringProxy, startAlteringProxy } from "../../../test/fixtures/altering-proxy.js";
import { sharedPool, type TestPool } from "../../../test/fixtures/test-pool.js";
import { jsProgram, type JobOptions, Pool } from "../src/index.js";

export const program = jsProgram("export default (input) => input;");

/** An honest pool behind a proxy that can make it dishonest; honest again before each test. */
export function dishonestPool(): { readonly pool: () => TestPool; readonly proxy: () => AlteringProxy } {
  const pool = sharedPool();
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
export async function oneTask(proxy: AlteringProxy, options: JobOptions = {}) {
  const pool = await Pool.connect(proxy.url);
  return pool.map(program, ["input"], options);
}

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { openKeyFile, type StoredSigner } from "@aegis-pool/platform";
import type { PoolOptions } from "../../../packages/pool/src/index.js";
import { PoolClient } from "../../../packages/sdk/src/index.js";
import { temporaryDirectory } from "../../fixtures/temporary.js";
import type { TestPool } from "../../fixtures/test-pool.js";

type PoolChild = ChildProcessByStdio<null, Readable, null>;

const childPath = join(import.meta.dirname, "pool-child.mjs");

/** A pool in a process of its own, which can be killed like one whose machine loses its power, and started again at the same place. */
export class KillablePool {
  readonly #home: Awaited<ReturnType<typeof temporaryDirectory>>;
  #child!: PoolChild;
  client!: PoolClient;

  readonly #chain: PoolOptions["chain"];

  private constructor(home: Awaited<ReturnType<typeof temporaryDirectory>>, chain: PoolOptions["chain"]) {
    this.#home = home;
    this.#chain = chain;
  }

  /** @param key the pool's, where contracts on `chain` are for it */
  static async start(chain?: PoolOptions["chain"], key?: StoredSigner): Promise<KillablePool> {
    const pool = new KillablePool(await temporaryDirectory(), chain);
    if (key) {
      await mkdir(join(pool.#home.path, "pool"));
      await openKeyFile(join(pool.#home.path, "pool", "pool.key"), () => key);
    }
    await pool.#start("0", 0);
    return pool;
  }

  /** As fixtures that script agents want it. */
  get forAgents(): TestPool {
    const clock = { now: () => Date.now() };
    return { url: this.client.url.href, client: this.client, clock } as unknown as TestPool;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  /** kill -9, and the pool is started again, with a clock that is so far ahead, in ms. */
  async killAndRestart(aheadMs = 0): Promise<void> {
    const { port } = this.client.url;
    await this.kill();
    await this.#start(port, aheadMs);
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.#home.remove();
  }

  async #start(port: string, aheadMs: number): Promise<void> {
    const args = [
      childPath,
      join(this.#home.path, "pool"),
      port,
      String(aheadMs),
      ...(this.#chain ? [JSON.stringify(this.#chain)] : []),
    ];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] }) as PoolChild;
    this.#child = started;
    const ended = once(started, "exit").then(() => Promise.reject(new Error("the pool ended before it was open")));
    const [line] = (await Promise.race([once(createInterface(started.stdout), "line"), ended])) as [string];
    ended.catch(() => undefined); // it is killed later
    this.client = await PoolClient.connect((JSON.parse(line) as { url: string }).url);
  }
}

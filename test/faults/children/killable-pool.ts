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

/** What it has other than usual. */
export type KillableOptions = Pick<PoolOptions, "chain" | "database"> & { readonly epochMs?: number };

/** A pool in a process of its own, which can be killed like one whose machine loses its power, and started again at the same place. */
export class KillablePool {
  readonly #home: Awaited<ReturnType<typeof temporaryDirectory>>;
  #child!: PoolChild;
  client!: PoolClient;

  readonly #options: KillableOptions;

  private constructor(home: Awaited<ReturnType<typeof temporaryDirectory>>, options: KillableOptions) {
    this.#home = home;
    this.#options = options;
  }

  /** @param key the pool's, where contracts on a chain are for it */
  static async start(options: KillableOptions = {}, key?: StoredSigner): Promise<KillablePool> {
    const pool = new KillablePool(await temporaryDirectory(), options);
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
    await this.kill();
    await this.restart(aheadMs);
  }

  /** After it was killed. */
  async restart(aheadMs = 0): Promise<void> {
    await this.#start(this.client.url.port, aheadMs);
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.#home.remove();
  }

  async #start(port: string, aheadMs: number): Promise<void> {
    const args = [childPath, join(this.#home.path, "pool"), port, String(aheadMs), JSON.stringify(this.#options)];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] }) as PoolChild;
    this.#child = started;
    const ended = once(started, "exit").then(() => Promise.reject(new Error("the pool ended before it was open")));
    const [line] = (await Promise.race([once(createInterface(started.stdout), "line"), ended])) as [string];
    ended.catch(() => undefined); // it is killed later
    this.client = await PoolClient.connect((JSON.parse(line) as { url: string }).url);
  }
}

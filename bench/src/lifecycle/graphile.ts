import { Logger, run, runMigrations, type Runner, makeWorkerUtils, type WorkerUtils } from "graphile-worker";
import type pg from "pg";
import { ClosedLoop } from "./closed-loop.js";

/** graphile-worker on the same server, as fast as its manual makes it: jobs are fetched and completed in batches. */
export class Graphile {
  readonly #utils: WorkerUtils;
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool, utils: WorkerUtils) {
    this.#pool = pool;
    this.#utils = utils;
  }

  static async open(pgPool: pg.Pool): Promise<Graphile> {
    await runMigrations({ pgPool, logger });
    return new Graphile(pgPool, await makeWorkerUtils({ pgPool, logger }));
  }

  /** @returns seconds for `total` jobs, of which `inFlight` are added and uncompleted at a time */
  async run(total: number, inFlight: number): Promise<number> {
    const submit = (count: number) =>
      this.#utils.addJobs(Array.from({ length: count }, () => ({ identifier: "nothing", payload: {} })));
    const loop = new ClosedLoop({ total, inFlight, submit });
    const runner = await this.#work(loop);
    const seconds = await loop.run();
    await runner.stop();
    return seconds;
  }

  async #work(loop: ClosedLoop): Promise<Runner> {
    const runner = await run({
      pgPool: this.#pool,
      logger,
      noHandleSignals: true,
      taskList: { nothing: () => undefined },
      preset: {
        worker: { concurrentJobs: 500, localQueue: { size: 500 }, completeJobBatchDelay: 0, pollInterval: 50 },
      },
    });
    runner.events.on("job:complete", () => loop.ended(1));
    return runner;
  }

  async close(): Promise<void> {
    await this.#utils.release();
  }
}

const logger = new Logger(() => () => undefined);

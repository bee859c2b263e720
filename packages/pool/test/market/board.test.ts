import type { TaskManifest } from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Board } from "../../src/services/market/board.js";
import type { LiveJob, LiveTask, Releaser } from "../../src/services/market/live.js";

const releaser: Releaser = {
  close: () => undefined,
  send: () => undefined,
  tellProgress: () => undefined,
  aliasOf: () => 0,
};
const requirements = { engine: "js" as const, memoryBytes: 2 ** 28, timeLimitMs: 1_000, outputBytes: 1_000 };
const zeros = new Uint8Array(32);

function manifest(number: number, change: Partial<TaskManifest> = {}): TaskManifest {
  const hashes = { pool: zeros, program: zeros, input: zeros, keys: zeros };
  return { number, job: zeros, requirements, maxPrice: "4000", maxWork: 1, ...hashes, ...change };
}

function queue(board: Board, number: number, change: Partial<TaskManifest> = {}): LiveTask {
  return board.add({ manifest: manifest(number, change), manifestHash: zeros, age: number, state: "queued", fence: 0 });
}

describe("a board", () => {
  it("keeps a job while it has tasks, a releaser, or something on its way to the database", () => {
    const board = new Board();
    const task = queue(board, 1);
    const { job } = task;
    const release = board.hold(job);
    board.move(task, "cancel", 0);
    expect(board.jobs.has(job.id)).toBe(true);
    job.releaser = releaser;
    release();
    release(); // again is the same as once
    expect([board.jobs.has(job.id), job.holds]).toEqual([true, 0]);
    job.releaser = undefined;
    board.forget(job);
    expect([board.jobs.size, board.tasks.size]).toEqual([0, 0]);
  });

  it("is empty when all tasks are over, whatever happened to them, and counts right on the way", () => {
    const event = fc.constantFrom("match", "release", "decline", "expire", "complete", "cancel", "exhaust" as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), event), { maxLength: 60 }), (events) => {
        const board = new Board();
        const tasks = [0, 1, 2, 3, 4, 5].map((number) =>
          queue(board, number + 1, { maxPrice: String(1 + (number % 2)) }),
        );
        const job: LiveJob = jobOf(tasks);
        for (const [index, name] of events) {
          const task = tasks[index];
          if (!task || board.move(task, name, task.position.fence)) continue;
          if (task.position.state === "queued") board.enqueue(task);
          const alive = [...board.tasks.values()];
          expect(job.counts.queued).toBe(alive.filter(({ position }) => position.state === "queued").length);
          expect(job.tasks.size).toBe(alive.length);
        }
        for (const task of board.tasks.values()) board.move(task, "cancel", 0);
        expect([board.tasks.size, board.jobs.size, job.groups.size]).toEqual([0, 0, 0]);
      }),
    );
  });
});

function jobOf(tasks: readonly LiveTask[]): LiveJob {
  const [first] = tasks;
  if (!first) throw new Error("no tasks");
  return first.job;
}

import { expect, it } from "vitest";
import { Board } from "../../src/services/market/board.js";
import { Escrows } from "../../src/services/market/escrows.js";
import { Holdings } from "../../src/services/market/holdings.js";
import { Transitions } from "../../src/services/market/transitions.js";
import type { GroupCommit } from "../../src/services/group-commit.js";
import { type Outcome, recordOutcome } from "../../src/store/task-writes.js";

const zeros = new Uint8Array(32);
const requirements = { engine: "js" as const, memoryBytes: 2 ** 28, timeLimitMs: 1_000, outputBytes: 1_000 };
const nothing = {
  agent: undefined,
  run: undefined,
  opened: undefined,
  receipt: undefined,
  result: undefined,
  log: undefined,
};
const outcome = { ...nothing, state: "completed", reason: undefined } as const;

/** A commit that keeps what it is given, in order, until the test lets it be written. */
function heldCommit() {
  const submitted: { operation: unknown; written: () => void }[] = [];
  const submit = (_kind: unknown, operation: unknown) =>
    new Promise((resolve) => void submitted.push({ operation, written: () => resolve(operation) }));
  return { submitted, commit: { submit } as unknown as GroupCommit };
}

it("outcomes are numbered in the order of their commits, also when an older one still waits for an earlier write", async () => {
  const { submitted, commit } = heldCommit();
  const board = new Board();
  const transitions = new Transitions({
    board,
    commit,
    holdings: new Holdings(),
    escrows: new Escrows(),
    outcomes: recordOutcome as never,
  });
  const told: number[] = [];
  transitions.effects.onOutcome = (_task, { number }) => void told.push(number);
  const [first, second] = [1, 2].map((number) => {
    const hashes = { job: zeros, pool: zeros, program: zeros, input: zeros, keys: zeros };
    const manifest = { number, requirements, maxPrice: "1", maxWork: 1, ...hashes };
    const task = board.add({ manifest, manifestHash: zeros, age: number, state: "matched", fence: 1 });
    return task;
  });
  if (!first || !second) throw new Error("two tasks");
  transitions.move(first, "release", 1);
  transitions.move(second, "release", 1);
  await expect.poll(() => submitted.length).toBe(2);
  submitted[1]?.written(); // the second task's key was handed over durably, the first one's not yet
  transitions.finish(first, "complete", outcome);
  transitions.finish(second, "complete", outcome);
  await expect.poll(() => submitted.length).toBe(3);
  submitted[0]?.written();
  await expect.poll(() => submitted.length).toBe(4);
  const outcomes = submitted.slice(2).map(({ operation }) => operation as Outcome);
  expect(outcomes.map(({ number, sequence }) => [number, sequence])).toEqual([
    [2, 1],
    [1, 2],
  ]);
  for (const { written } of submitted.slice(2)) written();
  await expect.poll(() => told).toEqual([2, 1]);
  expect(board.jobs.size).toBe(0);
});

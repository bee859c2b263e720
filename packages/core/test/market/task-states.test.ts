import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  moveTask,
  type TaskEvent,
  taskMoves,
  type TaskPosition,
  type TaskState,
} from "../../src/market/task-states.js";

const states = Object.keys(taskMoves) as TaskState[];
const events = [...new Set(states.flatMap((state) => Object.keys(taskMoves[state])))] as TaskEvent[];
/** Events that speak of a lease, as the design names them; all others carry fence 0. */
const aboutALease: readonly TaskEvent[] = [
  "release",
  "decline",
  "silence",
  "withhold",
  "dissolve",
  "handBack",
  "expire",
  "complete",
  "fail",
];
const start: TaskPosition = { state: "queued", fence: 0 };

/**
 * A step is one of the moves that the table allows, or any event; it names the current lease, or one `stale` leases
 * older or newer.
 */
const step = fc.record({
  allowed: fc.nat(),
  event: fc.option(fc.constantFrom(...events), { freq: 3 }),
  stale: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function eventOf({ allowed, event }: Step, { state }: TaskPosition): TaskEvent {
  const moves = Object.keys(taskMoves[state]) as TaskEvent[];
  return event ?? moves[allowed % moves.length] ?? "settle";
}

interface Move {
  readonly from: TaskPosition;
  readonly event: TaskEvent;
  readonly to: TaskPosition;
}

/** The moves of a task that starts somewhere in its life; refused steps make none. */
function play({ begin, steps }: { begin: TaskPosition; steps: readonly Step[] }): Move[] {
  let position = begin;
  const made: Move[] = [];
  for (const next of steps) {
    const event = eventOf(next, position);
    const to = moveTask(position, event, aboutALease.includes(event) ? position.fence + next.stale : 0);
    if (typeof to === "string") continue;
    made.push({ from: position, event, to });
    position = to;
  }
  return made;
}

/** The states after each step of a given path, or why the step is refused. */
function path(...steps: readonly [TaskEvent, number][]): (string | undefined)[] {
  let position: TaskPosition = start;
  return steps.map(([event, fence]) => {
    const to = moveTask(position, event, fence);
    if (typeof to === "string") return to;
    position = to;
    return to.state;
  });
}

const history = fc.record({
  begin: fc.record({ state: fc.constantFrom(...states), fence: fc.nat({ max: 9 }) }),
  steps: fc.array(step, { maxLength: 60, size: "max" }),
});

describe("a task", () => {
  it("can get from waiting to every state, and to none outside the table", () => {
    const reached = new Set<TaskState>(["queued"]);
    for (const state of reached) {
      for (const event of events) {
        const to = moveTask({ state, fence: 1 }, event, aboutALease.includes(event) ? 1 : 0);
        if (typeof to !== "string") reached.add(to.state); // a set's iteration goes on with what is added
      }
    }
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it("is completed or failed at most once, and settled at most once", () => {
    fc.assert(
      fc.property(history, (life) => {
        const visited = [life.begin.state, ...play(life).map(({ to }) => to.state)];
        const times = (...wanted: TaskState[]): number => visited.filter((state) => wanted.includes(state)).length;
        expect(times("completed", "failed", "cancelled")).toBeLessThanOrEqual(1);
        expect(times("settled")).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it("never waits or runs again once it is completed, failed, cancelled or settled", () => {
    fc.assert(
      fc.property(history, (life) => {
        const over = play(life).filter(({ from }) => !["queued", "matched", "running"].includes(from.state));
        expect(over.map(({ to }) => to.state)).toEqual(over.map(() => "settled"));
      }),
      { numRuns: 500 },
    );
  });

  it("gets a new fence with each match and keeps it through everything else", () => {
    fc.assert(
      fc.property(history, (life) => {
        for (const { from, event, to } of play(life)) {
          expect(to.fence).toBe(event === "match" ? from.fence + 1 : from.fence);
        }
      }),
    );
  });

  it("is completed, failed, given back or taken away only under its current lease", () => {
    for (const state of states) {
      for (const event of aboutALease) {
        for (const fence of [-1, 0, 1, 2, 4, 5, 3.5, Number.NaN]) {
          expect(moveTask({ state, fence: 3 }, event, fence)).toBe("stale-lease");
        }
        expect(moveTask({ state, fence: 3 }, event, 3)).not.toBe("stale-lease");
      }
    }
  });

  it("takes a late result of an expired lease for stale, even when it runs again", () => {
    const first: TaskPosition = { state: "running", fence: 1 };
    const queued = moveTask(first, "expire", 1) as TaskPosition;
    expect(moveTask(queued, "complete", 1)).toBe("not-allowed");
    const again = moveTask(moveTask(queued, "match", 0) as TaskPosition, "release", 2) as TaskPosition;
    expect(again).toEqual({ state: "running", fence: 2 });
    expect(moveTask(again, "complete", 1)).toBe("stale-lease");
    expect(moveTask(again, "complete", 2)).toEqual({ state: "completed", fence: 2 });
  });

  it("is refused every event that the table does not list", () => {
    for (const state of states) {
      for (const event of events) {
        const fence = aboutALease.includes(event) ? 3 : 0;
        const moved = moveTask({ state, fence: 3 }, event, fence);
        expect(moved === "not-allowed").toBe(!Object.hasOwn(taskMoves[state], event));
      }
    }
  });
});

describe("the table of moves", () => {
  it("is the life that the design describes", () => {
    expect(path(["match", 0], ["release", 1], ["complete", 1], ["settle", 0])).toEqual([
      "matched",
      "running",
      "completed",
      "settled",
    ]);
    expect(path(["match", 0], ["silence", 1], ["exhaust", 0], ["settle", 0])).toEqual([
      "matched",
      "queued",
      "failed",
      "settled",
    ]);
    expect(path(["match", 0], ["complete", 1])).toEqual(["matched", "not-allowed"]);
    expect(path(["match", 0], ["release", 1], ["exhaust", 0], ["cancel", 0], ["settle", 0])).toEqual([
      "matched",
      "running",
      "not-allowed",
      "cancelled",
      "not-allowed",
    ]);
  });
});

/**
 * A task's life as one table. A row is a state, a column an event, an entry the state that follows; an event without an
 * entry is refused in that state. Nothing else in the pool moves a task.
 */
export const taskMoves = {
  queued: { match: "matched", exhaust: "failed", cancel: "cancelled" },
  matched: {
    release: "running",
    decline: "queued",
    silence: "queued",
    withhold: "queued",
    dissolve: "queued",
    handBack: "queued",
    expire: "queued",
    cancel: "cancelled",
  },
  running: { complete: "completed", fail: "failed", handBack: "queued", expire: "queued", cancel: "cancelled" },
  completed: { settle: "settled" },
  failed: { settle: "settled" },
  cancelled: {},
  settled: {},
} as const satisfies Record<string, Record<string, string>>;

export type TaskState = keyof typeof taskMoves;
export type TaskEvent = { [S in TaskState]: keyof (typeof taskMoves)[S] }[TaskState];

/** What a pool knows of a task's place in its life. */
export interface TaskPosition {
  readonly state: TaskState;
  /** How many times the task has been leased; names the current lease. 0 before the first. */
  readonly fence: number;
}

/** Why an event is refused. */
export type MoveRefusal = "stale-lease" | "not-allowed";

/** Leases a task may lose while it runs before it is given up as `lost-too-often`: it may be what breaks its agents. */
export const maxLosses = 5;

/** Events that speak of a lease: they are refused unless they name the current one. */
const leaseEvents: ReadonlySet<TaskEvent> = new Set<TaskEvent>([
  "release",
  "decline",
  "silence",
  "withhold",
  "dissolve",
  "handBack",
  "expire",
  "complete",
  "fail",
]);

/**
 * Where `event` takes a task, or why it is refused. `fence` is the lease that the event speaks of, 0 for events that
 * speak of none. A match opens the next lease.
 */
export function moveTask(position: TaskPosition, event: TaskEvent, fence: number): TaskPosition | MoveRefusal {
  if (leaseEvents.has(event) && fence !== position.fence) return "stale-lease";
  const moves: Partial<Record<TaskEvent, TaskState>> = taskMoves[position.state];
  const state = moves[event];
  if (!state) return "not-allowed";
  return { state, fence: event === "match" ? position.fence + 1 : position.fence };
}

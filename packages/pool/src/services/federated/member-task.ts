import {
  type Candidate,
  type MemberTask,
  memberTask,
  type NewRun,
  readStatement,
  type Signed,
  toHex,
} from "@aegis-pool/core";
import type { RunState } from "./state/run-state.js";

/** What a drawn agent works under. */
export interface DrawnTask {
  readonly signed: Signed;
  readonly task: MemberTask;
  /** In the drawn order. */
  readonly place: number;
  /** What the agent asked for when the roster was fixed, in nAIS per SCU-second. */
  readonly price: string;
}

/**
 * The run's signed tasks by the agents, in hexadecimal, that work under them: by their places in the drawn order. There are three for each place of the
 * committee, more than agents can be members in turn.
 */
export function drawnTasks({ tasks }: NewRun, order: readonly Candidate[]): ReadonlyMap<string, DrawnTask> {
  const drawn = new Map<string, DrawnTask>();
  for (const [place, signed] of tasks.entries()) {
    const [candidate, task] = [order[place], readStatement(memberTask, signed)];
    if (candidate && task) drawn.set(toHex(candidate.agent), { signed, task, place, price: candidate.price });
  }
  return drawn;
}

/** Which of the run's tasks an agent works under. */
export function memberTaskOf({ drawn }: RunState, agent: string): DrawnTask | undefined {
  return drawn?.tasks.get(agent);
}

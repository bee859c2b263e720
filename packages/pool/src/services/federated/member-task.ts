import { memberTask, readStatement, toHex } from "@aegis-pool/core";
import type { RunState } from "./state/run-state.js";

/**
 * Which of the run's signed tasks a drawn agent works under: by its place in the drawn order. There are three for each place of the committee, as many as agents can
 * be members in turn.
 */
export function memberTaskOf({ drawn, asked }: RunState, agent: string) {
  const place = drawn?.order.findIndex((candidate) => toHex(candidate.agent) === agent) ?? -1;
  const signed = asked.tasks[place];
  const task = signed && readStatement(memberTask, signed);
  return signed && task && { signed, task, place, price: drawn?.order[place]?.price ?? task.maxPrice };
}

/** The task's number. */
export function memberNumberOf(state: RunState, agent: string): number | undefined {
  return memberTaskOf(state, agent)?.task.number;
}

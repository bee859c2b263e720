import { type AttemptView, type GroupView, type RoundView, type RunView, type GroupSumPhase } from "@aegis-pool/core";
import type { AttemptState } from "./state/attempt-state.js";
import type { RoundState, RunState } from "./state/run-state.js";

/** A run as the pool shows it. */
export function runView(state: RunState, version: number, waitsFor?: string): RunView {
  const { asked, fixed, round, phase, draws, rounds } = state;
  const reason = state.reason ?? (phase === "enrolling" ? waitsFor : undefined);
  const places = fixed?.roster.participants ?? [];
  return {
    ...{ version, phase, draws, rounds },
    ...(reason !== undefined && { reason }),
    ...{ terms: asked.terms, seats: asked.seats, enrolled: state.enrolled.size },
    ...(fixed && { roster: { body: fixed.body, logIndex: fixed.logIndex } }),
    nonces: places.map((_, place) => state.nonces.get(place) ?? new Uint8Array(0)),
    passedOver: Array.from(state.passedOver, (agent) => Buffer.from(agent, "hex")),
    ready: state.ready.size,
    ...(round && { round: roundView(round) }),
  };
}

/** A round as the pool shows it. */
export function roundView({ round, length, attempts }: RoundState): RoundView {
  return { round, length, attempts: attempts.map(attemptView) };
}

function attemptView(state: AttemptState): AttemptView {
  const { attempt, members } = state.terms;
  const keys = state.committee ? members.map((_, place) => state.keys.get(place)!) : [];
  const groups = Array.from(state.groups, ([group, phase]) => groupView(group, phase, state));
  return { attempt, agents: members.map(({ agent }) => agent), keys, groups };
}

/** A sum is shown once it can be fetched; an attempt that never had a committee, as one that nobody has uploaded for. */
function groupView(group: number, phase: GroupSumPhase, state: AttemptState): GroupView {
  if (state.isAbandoned) return { group, phase: "aborted", statements: [] };
  if (phase.phase === "aborted") return { group, phase: "aborted", statements: [...phase.verdicts] };
  if (phase.phase !== "summed") return { group, phase: phase.phase, statements: [] };
  if (!state.terms.ground.hasFile(phase.found.sum)) return { group, phase: "confirming", statements: [] };
  return { group, phase: "summed", statements: [...phase.statements] };
}

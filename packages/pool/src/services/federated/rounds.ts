import { federatedLimits, memberWork, toHex } from "@aegis-pool/core";
import { fail } from "./drawing.js";
import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./run-parts.js";
import type { AttemptState } from "./state/attempt-state.js";
import type { RunState } from "./state/run-state.js";

/** Who waits for the next round. */
interface Waiting {
  /** Places of those that are ready for it. */
  readonly ready: readonly number[];
  /** Of those that were in the last round and may still come. */
  readonly missing: readonly number[];
  /** How many values most of them upload. */
  readonly length: number;
}

function waitingFor(state: RunState): Waiting {
  const next = state.rounds + 1;
  const entries = [...state.ready];
  const done = new Set(entries.filter(([, { length }]) => length === 0).map(([place]) => place));
  const lengths = new Map<number, number[]>();
  for (const [place, { round, length }] of entries) {
    if (round === next && length > 0) lengths.set(length, [...(lengths.get(length) ?? []), place]);
  }
  const [length = 0, ready = []] = [...lengths].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const expected = state.active ?? state.fixed?.roster.participants.keys() ?? [];
  const missing = [...expected].filter((place) => !done.has(place) && !ready.includes(place));
  return { ready, missing, length };
}

/** Opens the next round when all that were in the last are ready, or enough are and the others have had their time; ends the run when nobody waits. */
export async function considerRound(run: LiveRun, parts: RunParts): Promise<void> {
  const { state } = run;
  const { terms } = state.known;
  const { ready, missing, length } = waitingFor(state);
  if (ready.length === 0 && missing.length === 0)
    return run.record({ kind: "ended", phase: "ended", reason: undefined });
  const enough = Array.from({ length: terms.groups }, (_, group) => group).every(
    (group) => ready.filter((place) => state.groupOf(place) === group).length >= terms.floor,
  );
  if (missing.length > 0 && !(enough && run.sinceMs(`enough-${state.rounds}`) > terms.uploadMs)) return;
  if (!enough)
    return fail(run, `${ready.length} participants are left, fewer than the floor of ${terms.floor} in a group`);
  if (state.rounds >= terms.rounds) return fail(run, `all ${terms.rounds} rounds are used up`);
  await openAttempt(run, parts, { round: state.rounds + 1, attempt: 1, length });
}

/** Goes on after an attempt: tries again what was aborted, or ends the round. */
export async function afterAttempt(run: LiveRun, attempt: AttemptState, parts: RunParts): Promise<void> {
  const { state } = run;
  const { round, attempt: number, length } = attempt.terms;
  const failed = new Set([...attempt.liars, ...attempt.complainers]);
  const liars = [...failed].flatMap((place) => attempt.terms.members[place]?.agent ?? []);
  const news = liars.filter((agent) => !state.passedOver.has(toHex(agent)));
  if (news.length > 0) await run.record({ kind: "passed-over", agents: news });
  if (attempt.aborted.length === 0) return endRound(run, parts);
  await openAttempt(run, parts, { round, attempt: number + 1, length });
}

/** Opens an attempt with the committee as it is drawn now. */
export async function openAttempt(
  run: LiveRun,
  parts: RunParts,
  at: { readonly round: number; readonly attempt: number; readonly length: number },
): Promise<void> {
  if (at.attempt > federatedLimits.attempts) return fail(run, `round ${at.round} was tried ${at.attempt - 1} times`);
  if (!run.state.committee) return fail(run, "too many of the drawn agents have failed for a committee");
  parts.log.info({ run: run.id.slice(0, 16), round: at.round, attempt: at.attempt }, "secure sum opened");
  await run.record({ kind: "opened", ...at });
}

async function endRound(run: LiveRun, parts: RunParts): Promise<void> {
  const { state } = run;
  const { round } = state;
  if (!round) return;
  const active = [...state.ready].filter(([, each]) => each.round === round.round && each.length > 0);
  const work = workOf(round.attempts, round.length, state);
  await run.record({ kind: "round-over", round: round.round, work, active: active.map(([place]) => place) });
  for (const hash of await parts.clearRound(run.id)) run.files.delete(hash);
}

/** What each member has done, of those whose answer is part of a sum. */
function workOf(attempts: readonly AttemptState[], length: number, { known }: RunState) {
  const work = new Map<string, number>();
  for (const { groups, terms } of attempts) {
    for (const phase of groups.values()) {
      if (phase.phase !== "summed") continue;
      for (const member of phase.answered) {
        const agent = terms.members[member]?.agent;
        if (!agent) continue;
        const done = memberWork(known.terms.committee, phase.survivors.length, length);
        work.set(toHex(agent), (work.get(toHex(agent)) ?? 0) + done);
      }
    }
  }
  return Array.from(work, ([agent, done]) => ({ agent: Buffer.from(agent, "hex"), work: done }));
}

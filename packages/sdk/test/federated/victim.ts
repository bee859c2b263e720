import type { AttemptView, RoundView, RunView } from "@aegis-pool/core";
import { expect } from "vitest";
import type { RunInTest } from "./participants.js";

/** How the victim, participant 0, ends; all others are stopped then. @param join how it takes part: by default as the others do */
export async function endOfVictim(
  run: RunInTest,
  rounds = 1,
  join: () => Promise<unknown> = () => run.join(0, rounds),
): Promise<unknown> {
  const others = new AbortController();
  const all = run.invitations.slice(1).map((_, at) => run.join(at + 1, rounds, { signal: others.signal }));
  const settled = Promise.allSettled(all);
  const end = await join().catch((error: unknown) => error);
  others.abort();
  await settled;
  return end;
}

/** What `federated-refused` with these words in its message looks like. */
export function refusal(message: string) {
  return { code: "federated-refused", message: expect.stringContaining(message) as string };
}

/** How often the victim has uploaded. */
export function uploads({ events }: RunInTest): number {
  return (events.get(0) ?? []).filter(({ type }) => type === "uploaded").length;
}

/** Shows the victim another run. */
export function alterView({ pool }: RunInTest, change: (view: RunView) => RunView): void {
  pool.lies.view = (view, to) => (to === "victim" ? change(view) : view);
}

/** Shows the victim other rounds. */
export function alterRound(run: RunInTest, change: (round: RoundView) => RoundView): void {
  alterView(run, (view) => (view.round ? { ...view, round: change(view.round) } : view));
  run.pool.lies.round = (round, to) => (to === "victim" ? change(round) : round);
}

/** Shows the victim other attempts. */
export function alterAttempts(run: RunInTest, change: (attempt: AttemptView, round: RoundView) => AttemptView): void {
  alterRound(run, (round) => ({ ...round, attempts: round.attempts.map((attempt) => change(attempt, round)) }));
}

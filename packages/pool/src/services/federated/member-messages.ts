import type { ToAgent } from "@aegis-pool/core";
import type { AgentSession } from "../market/live.js";
import type { AttemptState } from "./state/attempt-state.js";
import type { RunState } from "./state/run-state.js";

/** Names an attempt in messages to a member, under its task's number. */
export interface AttemptName {
  readonly number: number;
  readonly round: number;
  readonly attempt: number;
}

type CommitteeMessage = Extract<ToAgent, { type: `committee-${string}` }>;

/** What is said to members, each thing once per connection: after a lost one all that matters is said again. */
export class MemberMessages {
  readonly #said = new WeakMap<AgentSession, Set<string>>();

  /** Sends `message` unless this was said on this connection; `what` names it. */
  say(session: AgentSession, what: string, message: CommitteeMessage): void {
    if (!this.wasSaid(session, what)) this.sayAll(session, [what], message);
  }

  /** What was said of an attempt, by what is in all that it is called by, is said no more. */
  forget(session: AgentSession, attempt: string): void {
    const said = this.#said.get(session);
    for (const what of said ?? []) if (what.includes(` ${attempt}`)) said?.delete(what);
  }

  /** Whether this was said on this connection. */
  wasSaid(session: AgentSession, what: string): boolean {
    return this.#said.get(session)?.has(what) ?? false;
  }

  /** Sends `message`, which says all of these. */
  sayAll(session: AgentSession, whats: readonly string[], message: CommitteeMessage): void {
    const said = this.#said.get(session) ?? new Set();
    this.#said.set(session, said);
    for (const what of whats) said.add(what);
    session.send(message);
  }
}

/** What a member is told of an attempt when it opens. */
export function openMessage(
  state: RunState,
  attempt: AttemptState,
  name: AttemptName,
  member: number,
): CommitteeMessage {
  const { ground, members, length } = attempt.terms;
  const { fixed, drawn } = state;
  return {
    type: "committee-open",
    ...name,
    ...{ run: ground.run, roster: ground.roster, shape: ground.shape, floor: ground.floor, member, length },
    rosterBody: fixed?.bodyHash ?? ground.roster,
    agents: members.map(({ agent }) => agent),
    participants: fixed?.roster.participants.map(({ participant }) => participant) ?? [],
    groupOf: [...(drawn?.groupOf ?? [])],
  };
}

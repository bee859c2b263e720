import { protocolLimits } from "@aegis-pool/core";
import type { MarketParts } from "./leases.js";
import type { LiveLease, LiveTask } from "./live.js";
import { matchedMessage } from "./run-deadline.js";

/**
 * Whether an agent that has accepted waits for the others of its gang: the requester does not know of it yet, and may
 * not release its key.
 */
export function awaitsGang({ group: { gang } }: LiveTask, { fresh, deadline }: LiveLease): boolean {
  return gang !== undefined && fresh !== undefined && deadline === Infinity;
}

/** Tasks that begin together: all of them are accepted before the requester hears of any, or all go back. */
export class LiveGangs {
  readonly #market: MarketParts;

  constructor(market: MarketParts) {
    this.#market = market;
  }

  /** A task has been accepted: its requester hears of the match, or of those of the whole gang when it is complete. */
  accepted(task: LiveTask): void {
    const { gang } = task.group;
    if (!gang || gang.hasBegun) return this.#tell(task);
    if (task.lease) task.lease.deadline = Infinity; // its fate is that of the last to answer, who has a deadline
    const matched = [...gang.members].filter(({ position }) => position.state === "matched");
    const isComplete = matched.length >= gang.size && matched.every(({ lease }) => lease?.fresh !== undefined);
    if (isComplete) for (const member of matched) this.#tell(member);
  }

  /** A lease has ended without a result: if the gang has not begun, it does not begin without that one. */
  lost({ group: { gang } }: LiveTask): void {
    if (!gang || gang.hasBegun) return;
    for (const member of gang.members) if (member.position.state === "matched") this.#sendBack(member);
  }

  #tell({ number, position: { fence }, job: { releaser }, lease }: LiveTask): void {
    const session = lease && this.#market.sessions.get(lease.agent);
    if (!session) return;
    lease.deadline = this.#market.now() + protocolLimits.keySilenceMs;
    releaser?.send(matchedMessage({ number, fence }, releaser.aliasOf(session), lease));
  }

  #sendBack(member: LiveTask): void {
    const { fence } = member.position;
    const session = member.lease && this.#market.sessions.get(member.lease.agent);
    session?.send({ type: "revoke", number: member.number, fence, reason: "gang-dissolved" });
    this.#market.transitions.requeue(member, "dissolve", fence);
  }
}

import { memberKeys, readStatement, type Signed, type ToPool } from "@aegis-pool/core";
import { boxSealer } from "@aegis-pool/platform";
import type { AgentSession } from "../market/live.js";
import type { LiveRun } from "./live-run.js";
import type { AttemptState } from "./state/attempt-state.js";

/** What a committee member says. */
export type FromMember = Extract<ToPool, { type: `committee-${string}` }>;

/** Takes what a member says of the attempt that goes on; what is about another is passed over, and what does not fit is refused by name. */
export async function hearMember(
  run: LiveRun,
  session: AgentSession,
  message: FromMember,
): Promise<string | undefined> {
  const { attempt } = run.state;
  if (message.type === "committee-settled" || !attempt) return undefined;
  const { round, attempt: number } = attempt.terms;
  const member = attempt.placeOf(session.id);
  if (message.round !== round || message.attempt !== number || member < 0) return undefined;
  if (message.type === "committee-keys") return keys(run, attempt, member, message.keys);
  if (message.type === "committee-checked") return checked(run, member, message);
  if (message.type === "committee-verdict") return said(run, message.group, "verdict", message.verdict);
  if (message.type === "committee-answered") return said(run, message.group, "answer", message.answer);
  if (message.type === "committee-sum") return said(run, message.group, "sum", message.sum);
  if (message.type === "committee-shown") return undefined; // the file itself has said so
  if (message.group !== undefined) attempt.refuse(message.group, member);
  run.onRecorded();
  return "refused"; // its own words are not for our metrics
}

async function keys(run: LiveRun, attempt: AttemptState, member: number, signed: Signed): Promise<string | undefined> {
  if (attempt.keys.has(member) || attempt.committee) return undefined;
  if (!attempt.fits(signed, member) || !(await areUsable(signed))) return "keys-invalid";
  if (run.state.attempt !== attempt || attempt.keys.has(member)) return undefined;
  await run.record({ kind: "keys", round: attempt.terms.round, keys: signed, member });
  return undefined;
}

/** Whether seeds can be sealed to a member's key: a point of small order would have every participant give up. */
async function areUsable(signed: Signed): Promise<boolean> {
  const keys = readStatement(memberKeys, signed);
  const nothing = new Uint8Array(1);
  return keys !== undefined && (await boxSealer.sealBox(keys.hpke, nothing, nothing)) !== undefined;
}

/** Uploads of which a member holds nothing that fits are left out of the sum. */
function checked(
  run: LiveRun,
  member: number,
  { usable, unusable }: Extract<FromMember, { type: "committee-checked" }>,
): undefined {
  const { attempt } = run.state;
  const seen = attempt?.checked.get(member) ?? new Set<number>();
  for (const place of [...usable, ...unusable]) seen.add(place);
  attempt?.checked.set(member, seen);
  for (const place of unusable) attempt?.complain(run.state.groupOf(place), place, member);
  run.onRecorded();
}

async function said(
  run: LiveRun,
  group: number,
  kind: "verdict" | "answer" | "sum",
  signed: Signed,
): Promise<string | undefined> {
  const { attempt } = run.state;
  if (!attempt) return undefined;
  const next = attempt.after(group, kind, signed);
  if (typeof next === "string") return next === "already-said" || next === "out-of-turn" ? undefined : next;
  await run.record({ kind, round: attempt.terms.round, group, signed });
  return undefined;
}

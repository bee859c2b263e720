import {
  chargeOf,
  equalBytes,
  fromCbor,
  openStatement,
  type ReceiptStatement,
  type RunStatement,
  runStatement,
  type Signed,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { assignMemberTask } from "../../store/member-tasks.js";
import { outcomeOf } from "../../store/task-reads.js";
import type { AgentSession } from "../market/live.js";
import { signedOutcomes } from "../market/signed-outcomes.js";
import type { LiveRun } from "./live-run.js";
import type { MemberMessages } from "./member-messages.js";
import { memberTaskOf } from "./member-task.js";
import type { RunParts } from "./run-parts.js";

/** How long members that are owed for a run that is over are waited for, in ms; then what is left goes back to who paid. */
const settleMs = 24 * 3_600_000;

/** Asks members of a run that is over to sign what they have done; @returns whether nobody is owed anything any more */
export function askToSettle(run: LiveRun, parts: RunParts, messages: MemberMessages): boolean {
  const { state } = run;
  const owed = [...state.work.keys()].filter((agent) => !state.paid.has(agent));
  for (const agent of owed) {
    const session = parts.market.sessions.get(agent);
    const found = memberTaskOf(state, agent);
    if (!session || !found) continue;
    const message = { number: found.task.number, manifest: found.signed, result: state.known.id };
    messages.say(session, `settle ${run.id}`, { type: "committee-settle", ...message });
  }
  return owed.length === 0 || run.sinceMs("over") > settleMs;
}

/** Pays a member for all that it has done in the run, by its signed word that it has; each once. @returns why not */
export async function payMember(
  run: LiveRun,
  session: AgentSession,
  signed: Signed,
  parts: RunParts,
): Promise<string | undefined> {
  const { state } = run;
  const found = memberTaskOf(state, session.id);
  const work = state.work.get(session.id);
  const stated = openStatement(runStatement, signed, session.key, parts.primitives);
  const isOurs = stated && found && equalBytes(stated.manifest, parts.primitives.sha256(found.signed.body));
  if (!isOurs || stated.number !== found.task.number || !equalBytes(stated.agent, session.key)) return "bad-signature";
  if (work === undefined || state.paid.has(session.id) || run.paying.has(session.id)) return "stale-lease";
  run.paying.add(session.id); // until it is written that it is paid
  const before = await outcomeOf(parts.database, found.task.number);
  const receipt = before?.receipt ?? (await pay(session, { stated, signed, found, work }, parts));
  await run.record({ kind: "paid", agent: session.key });
  if (receipt)
    session.send({ type: "settled", number: found.task.number, fence: 1, receipt: fromCbor(receipt) as Signed });
  return undefined;
}

/** Writes the task as done, its payment and its receipt; @returns the receipt */
async function pay(session: AgentSession, done: Done, parts: RunParts): Promise<Uint8Array | undefined> {
  const { task, place } = done.found;
  const { number, job } = task;
  const { ledger, signer, primitives, commit } = parts;
  const receipt = receiptFor(session, done, parts);
  await commit.submit(assignMemberTask, { number, job, agent: session.key, price: Number(receipt.price) });
  const ended = await commit.submit(signedOutcomes({ signer, primitives, money: ledger.money }), {
    ...{ number, job, sequence: place, state: "completed" as const, reason: undefined, agent: session.key },
    ...{ run: toCbor(done.signed), opened: done.stated, receipt },
    ...{ result: undefined, log: undefined, keepsInput: false },
  });
  return ended.receipt;
}

interface Done {
  readonly stated: RunStatement;
  readonly signed: Signed;
  readonly found: NonNullable<ReturnType<typeof memberTaskOf>>;
  readonly work: number;
}

function receiptFor(
  session: AgentSession,
  { stated, signed, found: { task, price }, work }: Done,
  { primitives, signer, clock }: RunParts,
): ReceiptStatement {
  const { charge, reward, fee, work: paid } = chargeOf(Math.min(work, task.maxWork), BigInt(price));
  return {
    ...{ number: task.number, fence: stated.fence, pool: signer.publicKey, agent: session.key },
    ...{ operator: session.operatorKey, run: primitives.sha256(signed.body), work: paid, price },
    ...{ charge: String(charge), reward: String(reward), fee: String(fee), payment: "paid", issuedAt: clock() },
  };
}

/** Gives back to who paid what nobody is owed. */
export async function releaseRest(run: LiveRun, { ledger }: RunParts): Promise<void> {
  const { owner } = run.state.known.terms;
  const left = await ledger.balance(`escrow:${toHex(owner)}`);
  if (left > 0n) await ledger.release(owner, left);
}

import {
  close,
  closeAnswers,
  complain,
  gathering,
  type GroupSumPhase,
  openSum,
  type PhaseRefusal,
  subsetsKnownTo,
  takeAnswer,
  takeSum,
  takeUpload,
  takeVerdict,
  type ToPool,
  toHex,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { CommitteeMessage } from "../../src/committee/messages.js";
import { known, type Member, type StandIn, state } from "./stand-in.js";

/** How a test has messages passed: once, or in another way. */
export type Pass = <T extends ToPool["type"]>(
  member: Member,
  message: CommitteeMessage,
  expected: T,
) => Promise<Extract<ToPool, { type: T }>>;

const once: Pass = (member, message, expected) => member.ask(message, expected);

/** Uploads as a pool takes them, and as members see them. */
async function gathered(at: StandIn, members: readonly Member[], group: number, pass: Pass): Promise<GroupSumPhase> {
  const context = at.context(group);
  let phase = gathering;
  for (const [place, { statement }] of at.uploads) {
    if (at.groupOf[place] !== group) continue;
    const next = takeUpload(phase, place, statement, context);
    if (typeof next === "string") throw new TypeError(`the pool refuses: ${next}`);
    phase = next;
  }
  for (const member of members) {
    const { unusable } = await pass(member, at.checking(), "committee-checked");
    for (const place of unusable) phase = complain(phase, place);
  }
  return close(phase, context);
}

/** The sum of a group as its participants open it: the attempt is open, and uploads are there. @param speaking places of members that answer */
export async function wholeSum(at: StandIn, speaking: readonly number[], { group = 0, pass = once } = {}) {
  const context = at.context(group);
  const members = speaking.map((place) => at.member(place));
  let phase = await gathered(at, members, group, pass);
  if (phase.phase !== "agreeing") return phase.phase;
  const asked = at.signing([...phase.survivors], group);
  for (const member of members) {
    const { verdict } = await pass(member, asked, "committee-verdict");
    if (phase.phase === "agreeing") phase = taken(takeVerdict(phase, verdict, context));
  }
  if (phase.phase !== "unmasking") return phase.phase;
  const verdicts = [...phase.verdicts];
  for (const member of members) {
    const { answer } = await pass(member, at.answering(verdicts, group), "committee-answered");
    if (phase.phase === "unmasking") phase = taken(takeAnswer(phase, answer, context));
  }
  if (phase.phase === "unmasking") phase = closeAnswers(phase, context);
  if (phase.phase !== "confirming") return phase.phase;
  for (const place of speaking)
    await pass(at.member(place), at.showing([...subsetsKnownTo(place, at.shape)], group), "committee-shown");
  const answers = [...phase.answers];
  for (const member of members) {
    const { sum } = await pass(member, at.confirming(answers, group), "committee-sum");
    if (phase.phase === "confirming") phase = taken(takeSum(phase, sum, context));
  }
  if (phase.phase !== "summed") return phase.phase;
  await pass(known(members[0]), at.showing(undefined, group), "committee-shown");
  const bytes = known(at.served.files.get(toHex(phase.found.sum)));
  const { binding, committee, length, floor } = context;
  return openSum(Uint8Array.from(bytes), phase.statements, { binding, committee, state, floor, length }, primitives);
}

function taken(next: GroupSumPhase | PhaseRefusal): GroupSumPhase {
  if (typeof next === "string") throw new TypeError(`the pool refuses: ${next}`);
  return next;
}

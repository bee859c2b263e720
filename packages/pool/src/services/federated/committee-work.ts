import { close, type GroupSumPhase, quorumOfCommittee, subsetsKnownTo, toHex } from "@aegis-pool/core";
import type { AgentSession } from "../market/live.js";
import { openAttempt } from "./rounds.js";
import type { LiveRun } from "./live-run.js";
import { type AttemptName, type MemberMessages, openMessage } from "./member-messages.js";
import { memberTaskOf } from "./member-task.js";
import type { RunParts } from "./run-parts.js";
import type { AttemptState } from "./state/attempt-state.js";

/** Uploads in one message. */
const uploadsPerMessage = 256;

/** One attempt, and those with whom it is carried on. */
export interface AttemptWork {
  readonly run: LiveRun;
  readonly attempt: AttemptState;
  readonly parts: RunParts;
  readonly messages: MemberMessages;
}

/** A member that is connected. */
interface Present {
  readonly member: number;
  readonly session: AgentSession;
  readonly name: AttemptName;
}

/** Asks members for what is missing, and goes on without those that have had their time. */
export async function pursueAttempt(work: AttemptWork): Promise<void> {
  const { attempt } = work;
  if (!attempt.committee) return gatherKeys(work);
  for (const [group, phase] of attempt.groups) {
    if (phase.phase === "gathering") await gatherUploads(work, group, phase);
    else if (phase.phase === "agreeing") await askVerdicts(work, group, phase);
    else if (phase.phase === "unmasking") await askAnswers(work, group, phase);
    else if (phase.phase === "confirming") await askSums(work, group, phase);
    else if (phase.phase === "summed") await askForSum(work, group, phase);
  }
}

type Phase<N extends GroupSumPhase["phase"]> = Extract<GroupSumPhase, { phase: N }>;

async function gatherKeys(work: AttemptWork): Promise<void> {
  const { run, attempt, parts, messages } = work;
  const { round, attempt: number, length } = attempt.terms;
  for (const { member, session, name } of present(work)) {
    if (attempt.keys.has(member)) continue;
    messages.say(session, `open ${run.id} ${round} ${number}`, openMessage(run.state, attempt, name, member));
  }
  if (run.sinceMs(`open ${round} ${number}`) <= parts.patience.memberMs) return;
  const silent = attempt.terms.members.filter((_, member) => !attempt.keys.has(member));
  // both happen before anything else does: keys that come in between would be of no attempt
  const passed = run.record({ kind: "passed-over", agents: silent.map(({ agent }) => agent) });
  await Promise.all([passed, openAttempt(run, parts, { round, attempt: number + 1, length })]);
}

async function gatherUploads(work: AttemptWork, group: number, phase: Phase<"gathering">): Promise<void> {
  const { run, attempt } = work;
  const { round, attempt: number } = attempt.terms;
  const whole = new Map([...phase.uploads].filter(([, { upload }]) => run.files.has(toHex(upload.upload))));
  for (const member of present(work)) tellUploads(work, member, [...whole.keys()]);
  const expected = [...run.state.ready].filter(
    ([place, ready]) => ready.round === round && ready.length > 0 && run.state.groupOf(place) === group,
  );
  const { uploadMs } = run.state.known.terms;
  const isDue = run.sinceMs(`gathering ${round} ${number} ${group}`) > uploadMs;
  if (!isDue && !expected.every(([place]) => whole.has(place))) return;
  const isChecked = areChecked(work, [...whole.keys()]);
  if (!isChecked && !isLate(work, `checking ${round} ${number} ${group}`, whole.size)) return;
  const context = attempt.contextOf(group);
  if (!context) return;
  const { survivors } = close({ ...phase, uploads: whole }, context);
  await run.record({ kind: "closed", round, group, survivors });
}

/** Whether all members that are here, and at least a quorum, have looked at the uploads of `places`. */
function areChecked(work: AttemptWork, places: readonly number[]): boolean {
  const { attempt } = work;
  const { members, ground } = attempt.terms;
  const hasChecked = (member: number) => places.every((place) => attempt.checked.get(member)?.has(place));
  const done = members.filter((_, member) => hasChecked(member)).length;
  return done >= quorumOfCommittee(ground.shape) && present(work).every(({ member }) => hasChecked(member));
}

/** Sends a member the uploads of `places` that it has not heard of on this connection. */
function tellUploads({ run, attempt, messages }: AttemptWork, to: Present, places: readonly number[]): void {
  const { session, name } = to;
  const what = (place: number) => `upload ${run.id} ${name.round} ${name.attempt} ${place}`;
  const news = places.filter((place) => !messages.wasSaid(session, what(place))).slice(0, uploadsPerMessage);
  if (news.length === 0) return;
  const keys = attempt.terms.members.map((_, member) => attempt.keys.get(member)!);
  const uploads = news.map((place) => ({ place, statement: attempt.uploads.get(place)! }));
  messages.sayAll(session, news.map(what), { type: "committee-uploads", ...name, keys, uploads });
}

async function askVerdicts(work: AttemptWork, group: number, phase: Phase<"agreeing">): Promise<void> {
  const { survivors, hash, verdicts } = phase;
  const asked = hash ? { survivors: [...survivors] } : {};
  // who was away when these came has not heard of them
  for (const member of present(work))
    tellUploads(
      work,
      member,
      survivors.map(({ place }) => place),
    );
  askThose(
    work,
    group,
    "sign",
    (member) => !verdicts.has(member),
    (name) => ({ type: "committee-sign", ...name, group, ...asked }),
  );
  await giveUpWhenLate(work, group, phase);
}

async function askAnswers(
  work: AttemptWork,
  group: number,
  { verdicts, answers, survivors }: Phase<"unmasking">,
): Promise<void> {
  const { run, attempt } = work;
  const { round, attempt: number } = attempt.terms;
  const message = { type: "committee-answer" as const, group, verdicts: [...verdicts] };
  const waiting = askThose(
    work,
    group,
    "answer",
    (member) => !answers.has(member),
    (name) => ({ ...message, ...name }),
  );
  const isEnough = answers.size > attempt.terms.ground.shape.threshold * 2;
  const isLateNow = isLate(work, `unmasking ${round} ${number} ${group}`, survivors.length);
  if ((waiting > 0 || !isEnough) && !isLateNow) return;
  await run.record({ kind: "answers-closed", round, group });
}

async function askSums(work: AttemptWork, group: number, phase: Phase<"confirming">): Promise<void> {
  const { run } = work;
  const missing = phase.agreed.masks.flatMap((hash, subset) => (run.files.has(toHex(hash)) ? [] : [subset]));
  if (missing.length > 0) askForMasks(work, group, phase, missing);
  else {
    const message = { type: "committee-confirm" as const, group, answers: [...phase.answers] };
    const isWanted = (member: number) => phase.answered.includes(member) && !phase.sums.has(member);
    askThose(work, group, "confirm", isWanted, (name) => ({ ...message, ...name }));
  }
  await giveUpWhenLate(work, group, phase);
}

/** Each sum of masks is asked of one member that has it; of the next one where that has had its time. */
function askForMasks(work: AttemptWork, group: number, phase: Phase<"confirming">, missing: readonly number[]): void {
  const { run, attempt, messages, parts } = work;
  const here = present(work).filter(({ member }) => phase.answered.includes(member));
  const { round, attempt: number } = attempt.terms;
  const turn = Math.floor(run.sinceMs(`masks ${round} ${number} ${group}`) / (parts.patience.memberMs / 4));
  const asked = new Map<Present, number[]>();
  for (const subset of missing) {
    const knowing = here.filter(({ member }) => subsetsKnownTo(member, attempt.terms.ground.shape).includes(subset));
    const one = knowing[(subset + turn) % knowing.length];
    if (one) asked.set(one, [...(asked.get(one) ?? []), subset]);
  }
  for (const [{ session, name }, subsets] of asked) {
    const what = `show ${run.id} ${round} ${number} ${group} ${turn}`;
    messages.say(session, what, { type: "committee-show", ...name, group, subsets });
  }
}

async function askForSum(work: AttemptWork, group: number, phase: Phase<"summed">): Promise<void> {
  const { run, attempt, messages, parts } = work;
  if (run.files.has(toHex(phase.found.sum))) return;
  const here = present(work).filter(({ member }) => phase.answered.includes(member));
  const { round, attempt: number } = attempt.terms;
  const turn = Math.floor(run.sinceMs(`sum ${round} ${number} ${group}`) / (parts.patience.memberMs / 4));
  const one = here[turn % here.length];
  if (one)
    messages.say(one.session, `sum ${run.id} ${round} ${number} ${group} ${turn}`, {
      type: "committee-show",
      ...one.name,
      group,
    });
  if (isLate(work, `sum-late ${round} ${number} ${group}`, phase.survivors.length))
    await run.record({ kind: "lost", round, group });
}

/** Has members forget the keys of an attempt that is over. */
export function closeAttempt(work: AttemptWork): void {
  const { run, attempt, messages } = work;
  for (const { session, name } of present(work)) {
    session.send({ type: "committee-close", ...name });
    messages.forget(session, `${run.id} ${attempt.terms.round} ${attempt.terms.attempt}`);
  }
}

/** Asks the members that are here and wanted; @returns how many have not refused */
function askThose(
  work: AttemptWork,
  group: number,
  what: string,
  isWanted: (member: number) => boolean,
  messageFor: (name: AttemptName) => Parameters<MemberMessages["say"]>[2],
): number {
  const { run, attempt, messages } = work;
  const wanted = present(work).filter(({ member }) => isWanted(member) && !attempt.hasRefused(group, what, member));
  for (const { session, name } of wanted)
    messages.say(session, `${what} ${run.id} ${name.round} ${name.attempt} ${group}`, messageFor(name));
  return wanted.length;
}

/** A sum for which too little comes in time is lost. */
async function giveUpWhenLate(
  work: AttemptWork,
  group: number,
  { phase, survivors }: Phase<"agreeing"> | Phase<"confirming">,
): Promise<void> {
  const { run, attempt } = work;
  const { round, attempt: number } = attempt.terms;
  if (isLate(work, `${phase} ${round} ${number} ${group}`, survivors.length))
    await run.record({ kind: "lost", round, group });
}

/** Whether members have had their time, with what it takes to add so many uploads. */
function isLate({ run, attempt, parts }: AttemptWork, what: string, uploads: number): boolean {
  const { memberMs, valuesPerSecond } = parts.patience;
  return run.sinceMs(what) > memberMs + (uploads * attempt.terms.length * 1_000) / valuesPerSecond;
}

/** The members that are connected. */
function present({ run, attempt, parts }: AttemptWork): Present[] {
  const { round, attempt: number, members } = attempt.terms;
  return members.flatMap(({ agent }, member) => {
    const session = parts.market.sessions.get(toHex(agent));
    const task = memberTaskOf(run.state, toHex(agent))?.task;
    return session && task ? [{ member, session, name: { number: task.number, round, attempt: number } }] : [];
  });
}

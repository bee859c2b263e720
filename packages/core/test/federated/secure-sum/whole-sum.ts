import { primitives } from "@aegis-pool/platform";
import { bytesOf, subtractWords, wordsOf } from "../../../src/federated/secure-sum/mask-stream.js";
import type { Answered, FetchMasks, MemberAttempt } from "../../../src/federated/secure-sum/member/attempt.js";
import { takeVerdict } from "../../../src/federated/secure-sum/phases/agreeing.js";
import { takeSum } from "../../../src/federated/secure-sum/phases/confirming.js";
import { close, complain, gathering, takeUpload } from "../../../src/federated/secure-sum/phases/gathering.js";
import type {
  GroupSumContext,
  GroupSumPhase,
  PhaseRefusal,
} from "../../../src/federated/secure-sum/phases/group-sum.js";
import { closeAnswers, takeAnswer } from "../../../src/federated/secure-sum/phases/unmasking.js";
import type { Upload } from "../../../src/federated/secure-sum/upload.js";
import type { Signed } from "../../../src/shared/signed.js";
import { known } from "../../fixtures.js";
import { fetchFrom, type Parties } from "./parties.js";

/** What happens on the way. */
export interface Course {
  readonly group?: number;
  /** Members that say nothing any more from this phase on. */
  readonly silentFrom?: {
    readonly agreeing?: readonly number[];
    readonly unmasking?: readonly number[];
    readonly confirming?: readonly number[];
  };
  /** Members that want no sum. */
  readonly aborting?: readonly number[];
  /** Changes what a member answers. */
  readonly answering?: (member: number, answered: Answered) => Answered;
}

/** What the pool knows of a group's sum. */
export function contextOf(of: Parties, group = 0): GroupSumContext {
  const participants = new Map(
    of.terms.participants.flatMap((key, place) => (of.terms.groupOf[place] === group ? [[place, key] as const] : [])),
  );
  const { committee, length, terms } = of;
  return {
    binding: of.binding(group),
    committee,
    roster: terms.roster,
    participants,
    floor: terms.floor,
    length,
    primitives,
  };
}

/** How a sum ended, with its words where there is one. */
export interface Ended {
  readonly last: GroupSumPhase;
  readonly words?: Int32Array;
}

/** One attempt at a group's sum from its uploads on, with the pool's part played as a pool plays it. */
export async function wholeSum(of: Parties, uploads: ReadonlyMap<number, Upload>, course: Course = {}): Promise<Ended> {
  const { group = 0, silentFrom = {} } = course;
  const context = contextOf(of, group);
  let phase: GroupSumPhase = await gathered(of, uploads, context);
  const speaking = (silent: readonly number[] = []) =>
    of.members.map((_, member) => member).filter((member) => !silent.includes(member));
  if (phase.phase !== "agreeing") return { last: phase };
  const { survivors } = phase;
  const asked = speaking(silentFrom.agreeing).map((member) => {
    const attempt = known(of.members[member]);
    return course.aborting?.includes(member) ? attempt.abort(group) : attempt.sign(group, survivors);
  });
  for (const verdict of await Promise.all(asked)) {
    if (phase.phase === "agreeing") phase = taken(takeVerdict(phase, signedOf(verdict), context));
  }
  if (phase.phase !== "unmasking") return { last: phase };
  const answers = new Map<number, Answered>();
  for (const member of speaking([...(silentFrom.agreeing ?? []), ...(silentFrom.unmasking ?? [])])) {
    if (phase.phase !== "unmasking") break;
    const genuine = await known(of.members[member]).answer(group, phase.verdicts, fetchFrom([...uploads.values()]));
    if (typeof genuine === "string") throw new TypeError(`member ${member} refuses: ${genuine}`);
    const answered = course.answering?.(member, genuine) ?? genuine;
    answers.set(member, answered);
    phase = taken(takeAnswer(phase, answered.answer, context));
  }
  if (phase.phase === "unmasking") phase = closeAnswers(phase, context);
  if (phase.phase !== "confirming") return { last: phase };
  const fetchMasks = masksFrom([...answers.values()]);
  const silent = [...(silentFrom.agreeing ?? []), ...(silentFrom.unmasking ?? []), ...(silentFrom.confirming ?? [])];
  const { agreed } = phase;
  for (const member of speaking([...silent, ...agreed.liars])) {
    if (phase.phase !== "confirming") break;
    phase = taken(takeSum(phase, (await confirmed(of, member, phase.answers, fetchMasks, group)).statement, context));
  }
  if (phase.phase !== "summed") return { last: phase };
  const words = new Int32Array(of.length);
  for (const { place } of phase.survivors) primitives.arithmetic.addWords(words, known(uploads.get(place)).masked);
  for (const [subset, hash] of agreed.masks.entries()) subtractWords(words, wordsOf(await fetchMasks(subset, hash)));
  return { last: phase, words };
}

/** What every member and the pool have taken, and who is in the sum. */
async function gathered(
  of: Parties,
  uploads: ReadonlyMap<number, Upload>,
  context: GroupSumContext,
): Promise<GroupSumPhase> {
  let phase = gathering;
  for (const [place, { statement }] of uploads) {
    const next = takeUpload(phase, place, statement, context);
    if (typeof next === "string") throw new TypeError(`the pool refuses the upload of ${place}: ${next}`);
    const refusals = await Promise.all(of.members.map((member: MemberAttempt) => member.takeUpload(statement, place)));
    phase = refusals.some((refusal) => refusal) ? complain(next, place) : next;
  }
  return close(phase, context);
}

/** Gives the sum of a subset's masks, of any member that has it with this hash. */
export function masksFrom(answers: readonly Answered[]) {
  return (subset: number, hash: Uint8Array): Promise<Uint8Array> => {
    const all = answers.flatMap(({ masks }) => masks.get(subset) ?? []);
    const genuine = all.find((mask) => Buffer.compare(primitives.sha256(mask), hash) === 0);
    return Promise.resolve(genuine ?? new Uint8Array(0));
  };
}

function taken(next: GroupSumPhase | PhaseRefusal): GroupSumPhase {
  if (typeof next === "string") throw new TypeError(`the pool refuses: ${next}`);
  return next;
}

async function confirmed(
  of: Parties,
  member: number,
  answers: readonly Signed[],
  fetchMasks: FetchMasks,
  group: number,
) {
  const found = await known(of.members[member]).confirm(group, answers, fetchMasks);
  if (typeof found === "string") throw new TypeError(`member ${member} refuses: ${found}`);
  return found;
}

/** A member's statement, where it did not refuse. */
export function signedOf(said: Signed | string): Signed {
  if (typeof said === "string") throw new TypeError(`the member refuses: ${said}`);
  return said;
}

/** The sum's words as the pool hands them out. */
export function bytesOfSum({ words }: Ended): Uint8Array {
  return bytesOf(known(words));
}

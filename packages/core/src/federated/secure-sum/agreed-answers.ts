import { equalBytes, toHex } from "../../shared/bytes.js";
import { type CommitteeShape, enoughEqual, subsetsKnownTo, subsetsOf } from "./committee.js";
import type { MemberAnswer } from "./statements.js";

/** What the members' answers amount to. */
export interface AgreedAnswers {
  /** SHA-256 of the sum of all uploads, still masked. */
  readonly masked: Uint8Array;
  /** Of each subset, in their order: SHA-256 of the sum of its masks. */
  readonly masks: readonly Uint8Array[];
  /** Members whose answer is another than what enough others say: they have lied, or their machine has. */
  readonly liars: readonly number[];
}

/**
 * What the members agree on, or undefined where for one seed no answer was given by as many members as cannot all lie: with one member silent, two
 * that differ leave open who is right, and the attempt ends without a sum.
 */
export function agreedAnswers(answers: readonly MemberAnswer[], shape: CommitteeShape): AgreedAnswers | undefined {
  const maskedVotes = answers.map(({ member, masked }) => ({ member, said: masked }));
  const masked = winner(maskedVotes, shape);
  const votesOf = subsetsOf(shape).map((_, subset) => votesFor(subset, answers, shape));
  const masks = votesOf.map((votes) => winner(votes, shape));
  if (!masked || !masks.every((mask) => mask !== undefined)) return undefined;
  const liars = [
    ...dissenters(maskedVotes, masked),
    ...votesOf.flatMap((votes, subset) => dissenters(votes, masks[subset]!)),
  ];
  return { masked, masks, liars: [...new Set(liars)].toSorted((a, b) => a - b) };
}

interface Vote {
  readonly member: number;
  readonly said: Uint8Array;
}

function votesFor(subset: number, answers: readonly MemberAnswer[], shape: CommitteeShape): Vote[] {
  return answers.flatMap(({ member, masks }) => {
    const said = masks[subsetsKnownTo(member, shape).indexOf(subset)];
    return said ? [{ member, said }] : [];
  });
}

function winner(votes: readonly Vote[], shape: CommitteeShape): Uint8Array | undefined {
  const counts = new Map<string, number>();
  return votes.find(({ said }) => {
    const count = (counts.get(toHex(said)) ?? 0) + 1;
    counts.set(toHex(said), count);
    return count === enoughEqual(shape);
  })?.said;
}

function dissenters(votes: readonly Vote[], agreed: Uint8Array): number[] {
  return votes.filter(({ said }) => !equalBytes(said, agreed)).map(({ member }) => member);
}

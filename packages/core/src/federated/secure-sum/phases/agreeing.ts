import { equalBytes } from "../../../shared/bytes.js";
import type { Signed } from "../../../shared/signed.js";
import { quorumOfCommittee } from "../committee.js";
import { saidByMember } from "../signed-by-members.js";
import { memberVerdict, type MemberVerdict } from "../statements.js";
import { type Survivor, survivorsHash } from "../survivors.js";
import { type Aborted, lost, type Lost } from "./ended.js";
import type { GroupSumContext, PhaseRefusal } from "./group-sum.js";
import { unmasking, type Unmasking } from "./unmasking.js";

/** Members sign for who is in the sum, or for none. */
export interface Agreeing {
  readonly phase: "agreeing";
  /** Nobody, where there are fewer than the floor: then members are asked for ABORT. */
  readonly survivors: readonly Survivor[];
  /** Names them; undefined where there are none. */
  readonly hash: Uint8Array | undefined;
  /** By member. */
  readonly verdicts: ReadonlyMap<number, { readonly signed: Signed; readonly verdict: MemberVerdict }>;
}

/** What members are asked to sign: for `survivors`, or ABORT where these are too few. */
export function agreeing(
  survivors: readonly Survivor[],
  { binding, roster, floor, primitives }: GroupSumContext,
): Agreeing {
  const verdicts = new Map();
  if (survivors.length < floor) return { phase: "agreeing", survivors: [], hash: undefined, verdicts };
  return { phase: "agreeing", survivors, hash: survivorsHash(survivors, binding, roster, primitives), verdicts };
}

/** With a member's verdict; the next phase where a quorum says the same, or can no longer. */
export function takeVerdict(
  state: Agreeing,
  signed: Signed,
  context: GroupSumContext,
): Agreeing | Unmasking | Aborted | Lost | PhaseRefusal {
  const { binding, committee, primitives } = context;
  const verdict = saidByMember(memberVerdict, signed, binding, committee, primitives);
  if (!verdict) return "not-signed";
  if (state.verdicts.has(verdict.member)) return "already-said";
  const verdicts = new Map(state.verdicts).set(verdict.member, { signed, verdict });
  return decided({ ...state, verdicts }, context);
}

function decided(state: Agreeing, { committee }: GroupSumContext): Agreeing | Unmasking | Aborted | Lost {
  const { shape } = committee;
  const said = [...state.verdicts.values()];
  const { hash, survivors } = state;
  const forThese = said.filter(({ verdict }) => hash && verdict.survivors && equalBytes(verdict.survivors, hash));
  const forNone = said.filter(({ verdict }) => !verdict.survivors);
  const quorum = quorumOfCommittee(shape);
  if (hash && forThese.length >= quorum)
    return unmasking(
      { survivors, hash },
      forThese.map(({ signed }) => signed),
    );
  if (forNone.length >= quorum) return { phase: "aborted", verdicts: forNone.map(({ signed }) => signed) };
  const open = shape.size - said.length;
  return Math.max(forThese.length, forNone.length) + open < quorum ? lost("members-split") : state;
}

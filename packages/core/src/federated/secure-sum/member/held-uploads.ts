import type { Primitives } from "../../../privacy/primitives.js";
import { equalBytes } from "../../../shared/bytes.js";
import type { Signed } from "../../../shared/signed.js";
import type { SumBinding } from "../binding.js";
import type { Committee } from "../committee-keys.js";
import { type BoxOpener, openSeeds } from "../seeds.js";
import type { MaskedUpload } from "../statements.js";
import { isOrdered, type Survivor } from "../survivors.js";
import { openUpload } from "../upload.js";
import type { MemberRefusal, MemberTerms } from "./sum-terms.js";

/** An upload that a member has checked, with the seeds that it was given for it. */
export interface HeldUpload {
  /** SHA-256 of the signed statement's body. */
  readonly statement: Uint8Array;
  readonly upload: MaskedUpload;
  /** In the order of the subsets that the member knows. */
  readonly seeds: readonly Uint8Array[];
}

/** What a member's attempt is made of. */
export interface AttemptContext {
  readonly terms: MemberTerms;
  readonly round: number;
  readonly attempt: number;
  /** Words in every upload. */
  readonly length: number;
  readonly committee: Committee;
  /** The member's place. */
  readonly member: number;
  readonly opener: BoxOpener;
  readonly primitives: Primitives;
}

/** The uploads of one attempt, by place in the roster: one each. */
export type HeldUploads = ReadonlyMap<number, HeldUpload>;

/** Which sum of the attempt `group` stands for. */
export function bindingIn({ terms, round, attempt }: AttemptContext, group: number): SumBinding {
  return { run: terms.run, round, attempt, group };
}

/** The upload that participant `place` has signed, checked, or why it cannot be part of a sum. */
export async function checkUpload(
  signed: Signed,
  place: number,
  held: HeldUploads,
  context: AttemptContext,
): Promise<HeldUpload | MemberRefusal> {
  const { terms, committee, member, opener, primitives, length } = context;
  const [participant, group] = [terms.participants[place], terms.groupOf[place]];
  if (!participant || group === undefined) return "not-in-roster";
  const statement = primitives.sha256(signed.body);
  const before = held.get(place);
  if (before) return equalBytes(before.statement, statement) ? before : "upload-changed";
  const { shape, hash } = committee;
  const demand = { binding: bindingIn(context, group), shape, committee: hash, length };
  const upload = openUpload(signed, participant, demand, primitives);
  if (!upload) return "upload-invalid";
  const seeds = await openSeeds(upload, member, shape, opener, primitives);
  return seeds ? { statement, upload, seeds } : "seeds-disagree";
}

/** The uploads of `survivors`, or why they cannot be summed: each of its group, once, checked before, all in one state, and enough of them. */
export function uploadsOf(
  survivors: readonly Survivor[],
  group: number,
  held: HeldUploads,
  { terms }: AttemptContext,
): readonly HeldUpload[] | MemberRefusal {
  if (survivors.length < terms.floor) return "below-floor";
  if (!isOrdered(survivors)) return "doubled";
  if (survivors.some(({ place }) => terms.groupOf[place] !== group)) return "wrong-group";
  const uploads = survivors.map(({ place, statement }) => {
    const found = held.get(place);
    return found && equalBytes(found.statement, statement) ? found : undefined;
  });
  if (!uploads.every((each) => each !== undefined)) return "upload-unknown";
  const [first] = uploads;
  const isAlike = uploads.every(({ upload }) => first && equalBytes(upload.state, first.upload.state));
  return isAlike ? uploads : "states-differ";
}

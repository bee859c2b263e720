import type { Signer } from "../../../privacy/primitives.js";
import { equalBytes } from "../../../shared/bytes.js";
import { type Signed, signStatement } from "../../../shared/signed.js";
import { type AgreedAnswers, agreedAnswers } from "../agreed-answers.js";
import { quorumOfCommittee, subsetsHiddenFrom, subsetsKnownTo } from "../committee.js";
import { bytesOf, subtractWords, wordsOf } from "../mask-stream.js";
import { saidByMembers } from "../signed-by-members.js";
import { memberAnswer, memberSum, memberVerdict } from "../statements.js";
import { type Survivor, survivorsHash } from "../survivors.js";
import { type AttemptContext, bindingIn, checkUpload, type HeldUpload, uploadsOf } from "./held-uploads.js";
import { maySign, type RecordFirst } from "./sign-once.js";
import type { MemberRefusal } from "./sum-terms.js";
import { type FetchUpload, hashesOf, type MemberTotals, totalsOf } from "./unmasking.js";

/** What a member sends of what it has computed: signed hashes, and the sums of the masks themselves. */
export interface Answered {
  readonly answer: Signed;
  /** Sums of masks, by subset's place: words, little-endian. */
  readonly masks: ReadonlyMap<number, Uint8Array>;
}

/** The sum that a member has found: signed, and its words. */
export interface Confirmed {
  readonly statement: Signed;
  readonly words: Int32Array;
}

/** The sum of the masks of `subset`, with this hash, as the pool has it from another member. */
export type FetchMasks = (subset: number, hash: Uint8Array) => Promise<Uint8Array>;

/** What is known of one group's sum in an attempt. */
interface GroupState {
  readonly survivors: readonly Survivor[];
  readonly hash: Uint8Array;
  readonly uploads: readonly HeldUpload[];
  answered?: { readonly totals: MemberTotals; readonly hashes: ReturnType<typeof hashesOf> };
}

/** One committee member in one attempt. Its keys are in `context.opener` and `signer`, in memory alone: forgotten with this object. */
export class MemberAttempt {
  readonly #context: AttemptContext;
  readonly #signer: Signer;
  readonly #recordFirst: RecordFirst;
  readonly #held = new Map<number, HeldUpload>();
  readonly #groups = new Map<number, GroupState>();

  constructor(context: AttemptContext, signer: Signer, recordFirst: RecordFirst) {
    this.#context = context;
    this.#signer = signer;
    this.#recordFirst = recordFirst;
  }

  /** Takes the upload of participant `place`, or says why it cannot be part of a sum. */
  async takeUpload(signed: Signed, place: number): Promise<MemberRefusal | undefined> {
    const checked = await checkUpload(signed, place, this.#held, this.#context);
    if (typeof checked === "string") return checked;
    this.#held.set(place, checked);
    return undefined;
  }

  /** Signs that `survivors`, and nobody else, are in the sum of `group`; once, and never after an ABORT. */
  async sign(group: number, survivors: readonly Survivor[]): Promise<Signed | MemberRefusal> {
    const uploads = uploadsOf(survivors, group, this.#held, this.#context);
    if (typeof uploads === "string") return uploads;
    const { terms, primitives } = this.#context;
    const hash = survivorsHash(survivors, bindingIn(this.#context, group), terms.roster, primitives);
    const verdict = await this.#verdict(group, hash);
    if (verdict === "already-signed") return verdict;
    this.#groups.set(group, { survivors, hash, uploads });
    return verdict;
  }

  /** Signs that there will be no sum of `group` in this attempt; never after survivors were signed. */
  abort(group: number): Promise<Signed | MemberRefusal> {
    return this.#verdict(group, undefined);
  }

  async #verdict(group: number, survivors: Uint8Array | undefined): Promise<Signed | "already-signed"> {
    const binding = bindingIn(this.#context, group);
    if (!(await maySign(survivors, binding, this.#recordFirst))) return "already-signed";
    const { member } = this.#context;
    return signStatement(memberVerdict, { ...binding, member, ...(survivors && { survivors }) }, this.#signer);
  }

  /** Says what the masks of the survivors sum to, when a quorum has signed for exactly those for whom this member has. */
  async answer(
    group: number,
    verdicts: readonly Signed[],
    fetchUpload: FetchUpload,
  ): Promise<Answered | MemberRefusal> {
    const state = this.#groups.get(group);
    if (!state || !this.#isSignedByQuorum(group, state.hash, verdicts)) return "no-quorum";
    const totals = state.answered?.totals ?? (await totalsOf(state.uploads, group, this.#context, fetchUpload));
    if (totals === "not-the-upload") return totals;
    state.answered ??= { totals, hashes: hashesOf(totals, this.#context) };
    const { member, committee } = this.#context;
    const said = { ...bindingIn(this.#context, group), member, survivors: state.hash, ...state.answered.hashes };
    const places = subsetsKnownTo(member, committee.shape);
    const masks = new Map(totals.masks.map((mask, index) => [places[index]!, bytesOf(mask)]));
    return { answer: signStatement(memberAnswer, said, this.#signer), masks };
  }

  #isSignedByQuorum(group: number, survivors: Uint8Array, verdicts: readonly Signed[]): boolean {
    const { committee, primitives } = this.#context;
    const said = saidByMembers(memberVerdict, verdicts, bindingIn(this.#context, group), committee, primitives);
    const same = said.filter((verdict) => verdict.survivors && equalBytes(verdict.survivors, survivors));
    return same.length >= quorumOfCommittee(committee.shape);
  }

  /**
   * Signs the sum: what all uploads add up to, less all masks. `answers` are the members', `fetchMasks` gives the sum of the masks of a subset whose
   * seeds this member lacks, by the hash that enough members agree on.
   */
  async confirm(group: number, answers: readonly Signed[], fetchMasks: FetchMasks): Promise<Confirmed | MemberRefusal> {
    const state = this.#groups.get(group);
    if (!state?.answered) return "not-answered";
    const agreed = this.#agreed(group, state, answers);
    if (!agreed) return "answers-disagree";
    const words = await this.#unmasked(state.answered.totals, agreed, fetchMasks);
    if (!words) return "masks-missing";
    const { primitives, member } = this.#context;
    const { survivors, hash, uploads } = state;
    const found = {
      participants: survivors.length,
      state: uploads[0]!.upload.state,
      sum: primitives.sha256(bytesOf(words)),
    };
    const said = { ...bindingIn(this.#context, group), member, survivors: hash, ...found };
    return { statement: signStatement(memberSum, said, this.#signer), words };
  }

  /** What enough members agree on; undefined where they do not, or where it is not what this member has found itself. */
  #agreed(group: number, { hash, answered }: GroupState, answers: readonly Signed[]): AgreedAnswers | undefined {
    const { committee, primitives, member } = this.#context;
    const said = saidByMembers(memberAnswer, answers, bindingIn(this.#context, group), committee, primitives);
    const ofThese = said.filter(({ survivors }) => equalBytes(survivors, hash));
    const agreed = agreedAnswers(ofThese, committee.shape);
    const known = subsetsKnownTo(member, committee.shape);
    const agreedOn = agreed && [agreed.masked, ...known.map((subset) => agreed.masks[subset]!)];
    const own = answered && [answered.hashes.masked, ...answered.hashes.masks];
    return agreedOn?.every((each, index) => own && equalBytes(each, own[index]!)) ? agreed : undefined;
  }

  async #unmasked(
    totals: MemberTotals,
    agreed: AgreedAnswers,
    fetchMasks: FetchMasks,
  ): Promise<Int32Array | undefined> {
    const { committee, primitives, member } = this.#context;
    const words = totals.masked.slice();
    for (const mask of totals.masks) subtractWords(words, mask);
    for (const subset of subsetsHiddenFrom(member, committee.shape)) {
      const hash = agreed.masks[subset]!;
      const mask = await fetchMasks(subset, hash);
      if (mask.length !== words.byteLength || !equalBytes(primitives.sha256(mask), hash)) return undefined;
      subtractWords(words, wordsOf(mask));
    }
    return words;
  }
}

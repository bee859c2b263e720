import {
  bytesOf,
  committeeHash,
  equalBytes,
  MemberAttempt,
  memberKeys,
  type MemberTerms,
  openCommittee,
  type RecordFirst,
  type Signed,
  type Signer,
  signStatement,
  toCbor,
} from "@aegis-pool/core";
import { createEd25519Signer, createHpkeKey, type HpkeKey, primitives } from "@aegis-pool/platform";
import type { Asked, CommitteeAnswer, DutyRefusal } from "./messages.js";
import type { SumFiles } from "./sum-files.js";

/** What an attempt is opened with. */
export interface AttemptParts {
  /** The agent's identity. */
  readonly agent: Signer;
  readonly files: SumFiles;
  readonly recordFirst: RecordFirst;
  /** The attempt is over: nothing is fetched any more. */
  readonly signal: AbortSignal;
}

/** What this member has found for a group, to be shown. */
interface Found {
  masks: ReadonlyMap<number, Uint8Array>;
  sum?: { readonly statement: Signed; readonly words: Uint8Array };
}

type Answer = CommitteeAnswer | DutyRefusal;

/** One attempt with its keys, which are in this object alone: never on a disk, and gone with it. */
export class OpenAttempt {
  readonly #opened: Asked<"open">;
  readonly #terms: MemberTerms;
  readonly #hpke: HpkeKey;
  readonly #signer: Signer;
  readonly #parts: AttemptParts;
  /** Signed by the agent. */
  readonly keys: Signed;
  #member: { readonly attempt: MemberAttempt; readonly committee: Uint8Array } | undefined;
  /** The last verdict of each group, with the hash of what was asked: to be asked again must not undo what was computed since. */
  readonly #verdicts = new Map<number, { readonly asked: Uint8Array; readonly verdict: Signed }>();
  readonly #found = new Map<number, Found>();

  /** Makes fresh keys. */
  static async open(opened: Asked<"open">, terms: MemberTerms, parts: AttemptParts): Promise<OpenAttempt> {
    return new OpenAttempt(opened, terms, { hpke: await createHpkeKey(), signer: createEd25519Signer() }, parts);
  }

  private constructor(
    opened: Asked<"open">,
    terms: MemberTerms,
    { hpke, signer }: { readonly hpke: HpkeKey; readonly signer: Signer },
    parts: AttemptParts,
  ) {
    this.#opened = opened;
    this.#terms = terms;
    this.#hpke = hpke;
    this.#signer = signer;
    this.#parts = parts;
    const { member, roster } = opened;
    const own = { agent: parts.agent.publicKey, hpke: hpke.publicKey, signing: signer.publicKey };
    this.keys = signStatement(memberKeys, { ...this.#binding, roster, member, ...own }, parts.agent);
  }

  get #binding() {
    const { run, round, attempt } = this.#opened;
    return { run, round, attempt };
  }

  /** Which uploads can be part of a sum. All members' keys come with them, the same each time. */
  async check({ keys, uploads }: Asked<"uploads">): Promise<Answer> {
    const member = this.#memberWith(keys);
    if (!member) return "committee-invalid";
    const [usable, unusable]: [number[], number[]] = [[], []];
    for (const { place, statement } of uploads) {
      const refusal = await member.takeUpload(statement, place);
      (refusal ? unusable : usable).push(place);
    }
    return { type: "committee-checked", ...this.#named, usable, unusable };
  }

  async sign({ group, survivors }: Asked<"sign">): Promise<Answer> {
    if (!this.#terms.groupOf.includes(group)) return "wrong-group";
    const member = this.#member?.attempt;
    if (!member) return "out-of-turn";
    const asked = primitives.sha256(toCbor({ survivors: survivors ?? [] }));
    const before = this.#verdicts.get(group);
    if (before && equalBytes(before.asked, asked)) return this.#saidOf(group, before.verdict);
    const verdict = await (survivors ? member.sign(group, survivors) : member.abort(group));
    if (typeof verdict === "string") return verdict;
    this.#verdicts.set(group, { asked, verdict });
    return this.#saidOf(group, verdict);
  }

  /** The survivors' uploads are fetched one after another: of all that this member ever holds, one upload is there at a time. */
  async answer({ group, verdicts }: Asked<"answer">): Promise<Answer> {
    const member = this.#member?.attempt;
    if (!member) return "out-of-turn";
    const answered = await member.answer(group, verdicts, (hash) => this.#fetch(hash));
    if (typeof answered === "string") return answered;
    this.#found.set(group, { ...this.#found.get(group), masks: answered.masks });
    return { type: "committee-answered", ...this.#named, group, answer: answered.answer };
  }

  /** Puts at the pool what was asked for. */
  async show({ group, subsets }: Asked<"show">): Promise<Answer> {
    const found = this.#found.get(group);
    if (!found) return "not-answered";
    const shown = subsets ? subsets.map((subset) => found.masks.get(subset)) : [found.sum?.words];
    if (!shown.every((bytes) => bytes !== undefined)) return subsets ? "not-answered" : "not-confirmed";
    const { run } = this.#opened;
    for (const bytes of shown)
      await this.#parts.files.put({ run, hash: primitives.sha256(bytes), bytes }, this.#parts.signal);
    return { type: "committee-shown", ...this.#named, group, ...(subsets && { subsets }) };
  }

  /** Finds the sum, once. */
  async confirm({ group, answers }: Asked<"confirm">): Promise<Answer> {
    const found = this.#found.get(group);
    if (!this.#member || !found) return "not-answered";
    if (!found.sum) {
      const confirmed = await this.#member.attempt.confirm(group, answers, (_, hash) => this.#fetch(hash));
      if (typeof confirmed === "string") return confirmed;
      found.sum = { statement: confirmed.statement, words: bytesOf(confirmed.words) };
    }
    return { type: "committee-sum", ...this.#named, group, sum: found.sum.statement };
  }

  #saidOf(group: number, verdict: Signed): Answer {
    return { type: "committee-verdict", ...this.#named, group, verdict };
  }

  get #named() {
    const { number, round, attempt } = this.#opened;
    return { number, round, attempt };
  }

  #fetch(hash: Uint8Array): Promise<Uint8Array> {
    const { run, length } = this.#opened;
    return this.#parts.files.get(run, hash, length * 4, this.#parts.signal);
  }

  /** This member in the committee of these keys; undefined where they are not those of the draw, are not those that came before, or hold other keys of this agent. */
  #memberWith(keys: readonly Signed[]): MemberAttempt | undefined {
    // The keys come with every few uploads: to verify them each time took a fifth of a member's time.
    if (this.#member && equalBytes(this.#member.committee, committeeHash(keys, primitives)))
      return this.#member.attempt;
    if (this.#member) return undefined;
    const committee = openCommittee(keys, this.#binding, this.#terms, primitives);
    const own = keys[this.#opened.member];
    if (!committee || !own || !equalBytes(own.body, this.keys.body)) return undefined;
    const { round, attempt, length, member } = this.#opened;
    const context = {
      ...{ terms: this.#terms, round, attempt, length, committee, member },
      ...{ opener: this.#hpke, primitives },
    };
    this.#member = {
      attempt: new MemberAttempt(context, this.#signer, this.#parts.recordFirst),
      committee: committee.hash,
    };
    return this.#member.attempt;
  }
}

import {
  bytesOf,
  close,
  closeAnswers,
  type Committee,
  complain,
  gathering,
  type GroupSumContext,
  type GroupSumPhase,
  type GroupView,
  MemberAttempt,
  memberKeys,
  type MemberTerms,
  openCommittee,
  type PhaseRefusal,
  type Signed,
  type Signer,
  signStatement,
  takeAnswer,
  takeSum,
  takeUpload,
  takeVerdict,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, createHpkeKey, primitives } from "@aegis-pool/platform";
import { present } from "../../../../../test/fixtures/present.js";

/** What an attempt is made for. */
export interface AttemptSetting {
  readonly round: number;
  readonly attempt: number;
  readonly length: number;
  readonly terms: MemberTerms;
  /** The committee's own keys, by place. */
  readonly agents: readonly Signer[];
}

/** One attempt at a round's sums with a committee of real members, in this process. */
export class StandInAttempt {
  readonly attempt: number;
  readonly keys: readonly Signed[];
  readonly agents: readonly Uint8Array[];
  readonly #setting: AttemptSetting;
  readonly #committee: Committee;
  readonly #members: readonly MemberAttempt[];
  readonly #phases = new Map<number, GroupSumPhase>();

  private constructor(setting: AttemptSetting, keys: readonly Signed[], members: readonly MemberAttempt[]) {
    this.#setting = setting;
    this.attempt = setting.attempt;
    this.keys = keys;
    this.agents = setting.terms.agents;
    this.#committee = committeeOfKeys(setting, keys);
    this.#members = members;
  }

  static async open(setting: AttemptSetting, groups: readonly number[]): Promise<StandInAttempt> {
    const { terms, round, attempt, length } = setting;
    const openers = await Promise.all(setting.agents.map(() => createHpkeKey()));
    const signers = setting.agents.map(() => createEd25519Signer());
    const keys = setting.agents.map((agent, member) => {
      const own = { hpke: present(openers[member]).publicKey, signing: present(signers[member]).publicKey };
      const { run, roster } = terms;
      return signStatement(memberKeys, { run, round, attempt, roster, member, agent: agent.publicKey, ...own }, agent);
    });
    const committee = committeeOfKeys(setting, keys);
    const members = openers.map((opener, member) => {
      const context = { terms, round, attempt, length, committee, member, opener, primitives };
      return new MemberAttempt(context, present(signers[member]), recordInMemory());
    });
    const made = new StandInAttempt(setting, keys, members);
    for (const group of groups) made.#phases.set(group, gathering);
    return made;
  }

  get groups(): readonly number[] {
    return [...this.#phases.keys()];
  }

  phaseOf(group: number): GroupSumPhase {
    return present(this.#phases.get(group));
  }

  /** @returns why it is not taken */
  async takeUpload(place: number, signed: Signed): Promise<string | undefined> {
    const group = present(this.#setting.terms.groupOf[place]);
    const before = this.#phases.get(group);
    if (before?.phase !== "gathering") return "out-of-turn";
    const next = takeUpload(before, place, signed, this.#contextOf(group));
    if (typeof next === "string") return next;
    this.#phases.set(group, next);
    const refusals = await Promise.all(this.#members.map((member) => member.takeUpload(signed, place)));
    if (refusals.some((refusal) => refusal)) this.#phases.set(group, complain(this.#gathering(group), place));
    return undefined;
  }

  /** How many uploads are in, and of which hashes. */
  uploads(group: number): readonly Uint8Array[] {
    const phase = this.phaseOf(group);
    return phase.phase === "gathering" ? [...phase.uploads.values()].map(({ upload }) => upload.upload) : [];
  }

  /** All members sign that there is no sum. */
  async abort(group: number): Promise<void> {
    const context = this.#contextOf(group);
    let phase: GroupSumPhase = close(this.#gathering(group), context);
    for (const member of this.#members) {
      if (phase.phase === "agreeing") phase = taken(takeVerdict(phase, signedOf(await member.abort(group)), context));
    }
    this.#phases.set(group, phase);
  }

  lose(group: number): void {
    this.#phases.set(group, { phase: "lost", reason: "members-split" });
  }

  /** Sums what is in. @returns the sum's words where there is one */
  async sum(group: number, files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array | undefined> {
    const context = this.#contextOf(group);
    const gathered = this.#gathering(group);
    let phase: GroupSumPhase = close(gathered, context);
    const fetchUpload = (hash: Uint8Array) => Promise.resolve(present(files.get(toHex(hash))));
    if (phase.phase !== "agreeing") return void this.#phases.set(group, phase);
    const { survivors } = phase;
    const verdicts = await Promise.all(this.#members.map((member) => member.sign(group, survivors)));
    for (const verdict of verdicts) {
      if (phase.phase === "agreeing") phase = taken(takeVerdict(phase, signedOf(verdict), context));
    }
    const masks = new Map<string, Uint8Array>();
    for (const member of this.#members) {
      if (phase.phase !== "unmasking") break;
      const answered = await member.answer(group, phase.verdicts, fetchUpload);
      if (typeof answered === "string") throw new Error(`a member refuses: ${answered}`);
      for (const mask of answered.masks.values()) masks.set(toHex(primitives.sha256(mask)), mask);
      phase = taken(takeAnswer(phase, answered.answer, context));
    }
    if (phase.phase === "unmasking") phase = closeAnswers(phase, context);
    const fetchMasks = (_subset: number, hash: Uint8Array) => Promise.resolve(present(masks.get(toHex(hash))));
    let words: Int32Array | undefined;
    for (const member of this.#members) {
      if (phase.phase !== "confirming") break;
      const confirmed = await member.confirm(group, phase.answers, fetchMasks);
      if (typeof confirmed === "string") throw new Error(`a member refuses: ${confirmed}`);
      words = confirmed.words;
      phase = taken(takeSum(phase, confirmed.statement, context));
    }
    this.#phases.set(group, phase);
    return words && bytesOf(words);
  }

  /** As the pool shows a group. */
  viewOf(group: number): GroupView {
    const phase = this.phaseOf(group);
    const statements = phase.phase === "aborted" ? phase.verdicts : phase.phase === "summed" ? phase.statements : [];
    return { group, phase: phase.phase, statements: statements.map((each) => ({ ...each })) };
  }

  #gathering(group: number) {
    const phase = this.phaseOf(group);
    if (phase.phase !== "gathering") throw new Error(`group ${group} is ${phase.phase}`);
    return phase;
  }

  #contextOf(group: number): GroupSumContext {
    const { terms, round, attempt, length } = this.#setting;
    const participants = new Map(
      terms.participants.flatMap((key, place) => (terms.groupOf[place] === group ? [[place, key] as const] : [])),
    );
    const binding = { run: terms.run, round, attempt, group };
    const { floor, roster } = terms;
    return { binding, committee: this.#committee, roster, participants, floor, length, primitives };
  }
}

function committeeOfKeys({ terms, round, attempt }: AttemptSetting, keys: readonly Signed[]): Committee {
  return present(openCommittee(keys, { run: terms.run, round, attempt }, terms, primitives));
}

function recordInMemory() {
  const records = new Map<string, Uint8Array>();
  return (sum: { readonly group: number }, value: Uint8Array): Promise<Uint8Array> => {
    const name = String(sum.group);
    const standing = records.get(name) ?? value;
    records.set(name, standing);
    return Promise.resolve(standing);
  };
}

function taken(next: GroupSumPhase | PhaseRefusal): GroupSumPhase {
  if (typeof next === "string") throw new Error(`the stand-in refuses: ${next}`);
  return next;
}

function signedOf(said: Signed | string): Signed {
  if (typeof said === "string") throw new Error(`a member refuses: ${said}`);
  return said;
}

import {
  agreeing,
  type Candidate,
  closeAnswers,
  complain,
  type Committee,
  type CommitteeTerms,
  gathering,
  type GroupSumContext,
  type GroupSumPhase,
  openCommittee,
  openMemberKeys,
  type PhaseRefusal,
  type Signed,
  type Survivor,
  takeAnswer,
  takeSum,
  takeUpload,
  takeVerdict,
  toHex,
} from "@aegis-pool/core";
import type { RunGround } from "./run-ground.js";

/** What an attempt is made of. */
export interface AttemptTerms {
  readonly ground: RunGround;
  readonly round: number;
  readonly attempt: number;
  /** Words in an upload. */
  readonly length: number;
  /** The committee, each in its place. */
  readonly members: readonly Candidate[];
  /** Groups that have no sum yet. */
  readonly groups: readonly number[];
}

/** One attempt at a round's sums: its committee, and where each group's sum stands. */
export class AttemptState {
  readonly terms: AttemptTerms;
  readonly keys = new Map<number, Signed>();
  committee: Committee | undefined;
  readonly groups = new Map<number, GroupSumPhase>();
  /** What participants have signed with their uploads, by place. */
  readonly uploads = new Map<number, Signed>();
  /** What each member has said of uploads: places that it has checked, whatever it found. */
  readonly checked = new Map<number, Set<number>>();
  /** Places of uploads that each member cannot use. */
  readonly #complaints = new Map<number, Set<number>>();
  /** What members have said that they will not do: "group what member". */
  readonly #refused = new Set<string>();
  /** Given up before there was a committee. */
  isAbandoned = false;

  constructor(terms: AttemptTerms) {
    this.terms = terms;
    for (const group of terms.groups) this.groups.set(group, gathering);
  }

  /** The committee's terms, as members' keys are held to. */
  get committeeTerms(): CommitteeTerms {
    const { ground, members } = this.terms;
    return { shape: ground.shape, roster: ground.roster, agents: members.map(({ agent }) => agent) };
  }

  /** The member's place, by its key in hexadecimal; -1: it is none. */
  placeOf(agent: string): number {
    return this.terms.members.findIndex((member) => toHex(member.agent) === agent);
  }

  /** Whether these are the keys that the member at `member` makes for this attempt. */
  fits(keys: Signed, member: number): boolean {
    const { ground, round, attempt } = this.terms;
    const at = { run: ground.run, round, attempt };
    return openMemberKeys(keys, member, at, this.committeeTerms, ground.primitives) !== undefined;
  }

  takeKeys(keys: Signed, member: number): void {
    this.keys.set(member, keys);
    const { ground, round, attempt } = this.terms;
    const all = [...this.keys].toSorted(([a], [b]) => a - b).map(([, signed]) => signed);
    this.committee = openCommittee(all, { run: ground.run, round, attempt }, this.committeeTerms, ground.primitives);
  }

  /** A group's context, once there is a committee. */
  contextOf(group: number): GroupSumContext | undefined {
    const { ground, round, attempt, length } = this.terms;
    const { committee } = this;
    if (!committee) return undefined;
    const { run, roster, floor, primitives } = ground;
    const participants = ground.participantsOf(group);
    return { binding: { run, round, attempt, group }, committee, roster, participants, floor, length, primitives };
  }

  /** The group's next phase with what was `said`, or why it is not taken. */
  after(
    group: number,
    kind: "upload" | "verdict" | "answer" | "sum",
    said: Signed,
    place = 0,
  ): GroupSumPhase | PhaseRefusal {
    const [phase, context] = [this.groups.get(group), this.contextOf(group)];
    if (!phase || !context) return "out-of-turn";
    if (kind === "upload") return phase.phase === "gathering" ? takeUpload(phase, place, said, context) : "out-of-turn";
    if (kind === "verdict") return phase.phase === "agreeing" ? takeVerdict(phase, said, context) : "out-of-turn";
    if (kind === "answer") return phase.phase === "unmasking" ? takeAnswer(phase, said, context) : "out-of-turn";
    return phase.phase === "confirming" ? takeSum(phase, said, context) : "out-of-turn";
  }

  /** Takes no more uploads of a group. */
  close(group: number, survivors: readonly Survivor[]): void {
    const context = this.contextOf(group);
    if (context) this.groups.set(group, agreeing(survivors, context));
  }

  closeAnswers(group: number): void {
    const [phase, context] = [this.groups.get(group), this.contextOf(group)];
    if (phase?.phase === "unmasking" && context) this.groups.set(group, closeAnswers(phase, context));
  }

  /** A member cannot use the upload of participant `place`. */
  complain(group: number, place: number, member: number): void {
    this.#complaints.set(member, (this.#complaints.get(member) ?? new Set()).add(place));
    const phase = this.groups.get(group);
    if (phase?.phase === "gathering") this.groups.set(group, complain(phase, place));
  }

  /** A member says that it will not do what it was asked to. */
  refuse(group: number, member: number): void {
    const phase = this.groups.get(group)?.phase;
    const asked = phase === "agreeing" ? "sign" : phase === "unmasking" ? "answer" : "confirm";
    this.#refused.add(`${group} ${asked} ${member}`);
  }

  hasRefused(group: number, what: string, member: number): boolean {
    return this.#refused.has(`${group} ${what} ${member}`);
  }

  /** Whether nothing more comes of this attempt: every group's sum is there and uploaded, or will not be. */
  get isOver(): boolean {
    if (this.isAbandoned) return true;
    return [...this.groups.values()].every((phase) =>
      phase.phase === "summed"
        ? this.terms.ground.hasFile(phase.found.sum)
        : phase.phase === "aborted" || phase.phase === "lost",
    );
  }

  /** Groups that may be tried again. */
  get aborted(): readonly number[] {
    if (this.isAbandoned) return this.terms.groups;
    return [...this.groups].flatMap(([group, { phase }]) => (phase === "aborted" ? [group] : []));
  }

  /** Members, by place, that complain of half of all uploads and more, in an attempt that came to nothing: rather than of participants, of the sum. */
  get complainers(): ReadonlySet<number> {
    const isMost = ([, places]: [number, Set<number>]) => places.size * 2 >= this.uploads.size;
    if (this.aborted.length === 0 || this.uploads.size === 0) return new Set();
    return new Set([...this.#complaints].filter(isMost).map(([member]) => member));
  }

  /** Members, by place, that have said something else than enough others. */
  get liars(): ReadonlySet<number> {
    const found = [...this.groups.values()].flatMap((phase) => ("agreed" in phase ? phase.agreed.liars : []));
    return new Set(found);
  }
}

import {
  type Candidate,
  committeeOf,
  type Draw,
  draw,
  drawnOrder,
  drawReveal,
  type Enrolment,
  enrolment,
  groupsOf,
  type KnownRun,
  type NewRun,
  openOwnStatement,
  openRoster,
  type Primitives,
  type Readiness,
  readiness,
  type Roster,
  rosterHash,
  type StatementKind,
  type Signed,
  toHex,
} from "@aegis-pool/core";
import type { RunEvent } from "../events.js";
import { type DrawnTask, drawnTasks } from "../member-task.js";
import { AttemptState } from "./attempt-state.js";
import type { RunGround } from "./run-ground.js";

/** Who takes part, once that is fixed. */
interface FixedRoster {
  readonly roster: Roster;
  readonly body: Uint8Array;
  readonly hash: Uint8Array;
  /** SHA-256 of the body. */
  readonly bodyHash: Uint8Array;
  readonly logIndex: number;
}

/** What the draw has given. */
interface Drawn {
  readonly draw: Draw;
  readonly order: readonly Candidate[];
  /** By place. */
  readonly groupOf: readonly number[];
  /** By agent, in hexadecimal. */
  readonly tasks: ReadonlyMap<string, DrawnTask>;
}

/** The round that goes on. */
export interface RoundState {
  readonly round: number;
  readonly length: number;
  readonly attempts: AttemptState[];
}

/** How a run stands: what its events make of it, and nothing else. */
export class RunState {
  readonly known: KnownRun;
  readonly asked: NewRun;
  readonly #primitives: Primitives;
  readonly #hasFile: (hash: Uint8Array) => boolean;
  phase: "enrolling" | "drawing" | "running" | "ended" | "failed" = "enrolling";
  reason: string | undefined;
  /** By seat, in hexadecimal. */
  readonly enrolled = new Map<string, Enrolment>();
  /** Which seat each participant has taken, in any draw: both in hexadecimal. */
  readonly seatOf = new Map<string, string>();
  /** Seats that have not shown their part of a draw. */
  readonly barred = new Set<string>();
  draws = 0;
  fixed: FixedRoster | undefined;
  /** By place in the roster. */
  readonly nonces = new Map<number, Uint8Array>();
  drawn: Drawn | undefined;
  /** Drawn agents that have failed, by key in hexadecimal. */
  readonly passedOver = new Set<string>();
  /** Rounds that are over. */
  rounds = 0;
  /** What participants wait for, by place. */
  readonly ready = new Map<number, Readiness>();
  /** Who was in the last round; in the first all are waited for. */
  active: ReadonlySet<number> | undefined;
  round: RoundState | undefined;
  /** What each member has done, in µSCU-seconds by key in hexadecimal. */
  readonly work = new Map<string, number>();
  readonly paid = new Set<string>();

  constructor(known: KnownRun, asked: NewRun, primitives: Primitives, hasFile: (hash: Uint8Array) => boolean) {
    this.known = known;
    this.asked = asked;
    this.#primitives = primitives;
    this.#hasFile = hasFile;
  }

  /** The newest attempt of the round that goes on. */
  get attempt(): AttemptState | undefined {
    return this.round?.attempts.at(-1);
  }

  /** The place of a participant, by key in hexadecimal; -1: it has none. */
  placeOf(participant: string): number {
    return this.fixed?.roster.participants.findIndex((each) => toHex(each.participant) === participant) ?? -1;
  }

  /** The committee as it is drawn now. */
  get committee(): readonly Candidate[] | undefined {
    return this.drawn && committeeOf(this.drawn.order, this.known.terms.committee, this.passedOver);
  }

  apply(event: RunEvent): void {
    switch (event.kind) {
      case "enrolled": {
        const enrolled = this.#own(enrolment, event.enrolment, ({ seat }) => seat);
        this.enrolled.set(toHex(enrolled.seat), enrolled);
        this.seatOf.set(toHex(enrolled.participant), toHex(enrolled.seat));
        return;
      }
      case "roster":
        return this.#fix(event.body, event.logIndex);
      case "revealed":
        return this.#reveal(event.reveal);
      case "redraw":
        return this.#redraw(event.barred);
      case "ready": {
        const said = this.#own(readiness, event.ready, ({ participant }) => participant);
        this.ready.set(this.placeOf(toHex(said.participant)), said);
        return;
      }
      case "passed-over":
        for (const agent of event.agents) this.passedOver.add(toHex(agent));
        return;
      case "ended":
        [this.phase, this.reason] = [event.phase, event.reason];
        this.round = undefined;
        return;
      case "paid":
        this.paid.add(toHex(event.agent));
        return;
      case "opened":
        return this.#open(event);
      case "round-over":
        return this.#endRound(event);
      case "keys":
      case "upload":
      case "closed":
      case "verdict":
      case "answer":
      case "answers-closed":
      case "sum":
      case "lost":
        return this.#inAttempt(event);
    }
  }

  #fix(body: Uint8Array, logIndex: number): void {
    const roster = openRoster(body, this.known, this.asked.seats);
    if (!roster) throw new TypeError("a roster was written that is none");
    const bodyHash = this.#primitives.sha256(body);
    this.fixed = { roster, body, bodyHash, logIndex, hash: rosterHash(body, this.#primitives) };
    this.draws++;
    this.phase = "drawing";
  }

  #reveal(signed: Signed): void {
    const { participant, nonce } = this.#own(drawReveal, signed, (reveal) => reveal.participant);
    this.nonces.set(this.placeOf(toHex(participant)), nonce);
    const { fixed } = this;
    if (!fixed || this.nonces.size < fixed.roster.participants.length) return;
    const nonces = fixed.roster.participants.map((_, place) => this.nonces.get(place) ?? new Uint8Array(0));
    const drawn = draw(fixed.roster, fixed.hash, nonces, this.#primitives);
    if (!drawn) throw new TypeError("a reveal was written that was not committed to");
    const order = drawnOrder(fixed.roster, drawn, this.#primitives);
    const groupOf = groupsOf(fixed.roster, drawn, this.known.terms.groups, this.#primitives);
    this.drawn = { draw: drawn, order, groupOf, tasks: drawnTasks(this.asked, order) };
    this.phase = "running";
  }

  #redraw(barred: readonly Uint8Array[]): void {
    for (const seat of barred) this.barred.add(toHex(seat));
    this.enrolled.clear();
    this.nonces.clear();
    this.ready.clear();
    this.fixed = undefined;
    this.phase = "enrolling";
  }

  #open({ round, attempt, length }: Extract<RunEvent, { kind: "opened" }>): void {
    const before = this.round?.round === round ? this.round : undefined;
    const [members, ground] = [this.committee, this.#ground()];
    if (!members || !ground) throw new TypeError("an attempt was opened without a committee");
    if (!before) this.round = { round, length, attempts: [] };
    const last = this.attempt;
    if (last && !last.committee) last.isAbandoned = true;
    const groups = last?.aborted ?? Array.from({ length: this.known.terms.groups }, (_, group) => group);
    this.round?.attempts.push(new AttemptState({ ground, round, attempt, length, members, groups }));
  }

  #inAttempt(event: Extract<RunEvent, { round: number }>): void {
    const { attempt } = this;
    if (!attempt) throw new TypeError(`${event.kind} was written outside a round`);
    if (event.kind === "keys") return attempt.takeKeys(event.keys, event.member);
    if (event.kind === "closed") return attempt.close(event.group, event.survivors);
    if (event.kind === "answers-closed") return attempt.closeAnswers(event.group);
    if (event.kind === "lost") {
      attempt.groups.set(event.group, { phase: "lost", reason: "members-silent" });
      return;
    }
    if (event.kind === "upload")
      return this.#advance(attempt, this.groupOf(event.place), "upload", event.statement, event.place);
    if (event.kind === "verdict" || event.kind === "answer" || event.kind === "sum")
      this.#advance(attempt, event.group, event.kind, event.signed);
  }

  #advance(
    attempt: AttemptState,
    group: number,
    kind: "upload" | "verdict" | "answer" | "sum",
    signed: Signed,
    place?: number,
  ): void {
    const next = attempt.after(group, kind, signed, place);
    if (typeof next === "string") throw new TypeError(`${kind} was written that is refused: ${next}`);
    attempt.groups.set(group, next);
    if (place !== undefined) attempt.uploads.set(place, signed);
  }

  #endRound({ round, work, active }: Extract<RunEvent, { kind: "round-over" }>): void {
    for (const each of work) {
      const agent = toHex(each.agent);
      this.work.set(agent, (this.work.get(agent) ?? 0) + each.work);
    }
    this.rounds = round;
    this.active = new Set(active);
    this.round = undefined;
  }

  groupOf(place: number): number {
    return this.drawn?.groupOf[place] ?? 0;
  }

  #ground(): RunGround | undefined {
    const { fixed, drawn } = this;
    if (!fixed || !drawn) return undefined;
    const { id, terms } = this.known;
    const byGroup = Array.from({ length: terms.groups }, () => new Map<number, Uint8Array>());
    for (const [place, { participant }] of fixed.roster.participants.entries())
      byGroup[drawn.groupOf[place] ?? 0]?.set(place, participant);
    return {
      ...{ run: id, shape: terms.committee, roster: fixed.hash, floor: terms.floor },
      primitives: this.#primitives,
      hasFile: this.#hasFile,
      participantsOf: (group) => byGroup[group] ?? new Map(),
    };
  }

  #own<T>(kind: StatementKind<T>, signed: Signed, keyIn: (statement: T) => Uint8Array): T {
    const statement = openOwnStatement(kind, signed, keyIn, this.#primitives);
    if (!statement) throw new TypeError(`a ${kind.label} was written that is not signed`);
    return statement;
  }
}

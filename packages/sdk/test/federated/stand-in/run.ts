import {
  type Candidate,
  committeeOf,
  draw,
  drawnOrder,
  drawReveal,
  enrolment,
  groupsOf,
  isRoundOver,
  type KnownRun,
  maskedUpload,
  type NewRun,
  openOwnStatement,
  openRun,
  readiness,
  type Roster,
  rosterEntry,
  rosterHash,
  type RoundView,
  type RunView,
  type Signed,
  type Signer,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { present } from "../../../../../test/fixtures/present.js";
import { StandInAttempt } from "./attempt.js";

/** How a run goes; each may be set or changed at any time. */
export interface Course {
  /** Whether an attempt at a group's sum comes to nothing, and how. */
  ending?: (round: number, attempt: number, group: number) => "aborted" | "lost" | undefined;
  /** Puts other agents in the committee's places. */
  committee?: (drawn: readonly Candidate[], order: readonly Candidate[]) => readonly Candidate[];
  /** Participants that are not waited for, by place. */
  absent?: readonly number[];
  /** Agents that have failed, before the first attempt. */
  passedOver?: readonly Uint8Array[];
  /** The roster's body, and whether it gets into the log. */
  roster?: (roster: Roster) => Roster;
  logs?: boolean;
  /** What members take for the floor. */
  floor?: number;
  /** How many draws come to nothing. */
  failingDraws?: number;
  /** Opens another attempt although one was summed or not aborted: asked when a group's attempt is whole. */
  again?: (round: number, attempt: number) => boolean;
}

interface Seat {
  readonly participant: Uint8Array;
  readonly commitment: Uint8Array;
}

/** A run as a pool holds it, without disk or time: it goes on whenever something comes in. */
export class StandInRun {
  readonly known: KnownRun;
  readonly course: Course;
  readonly files = new Map<string, Uint8Array>();
  readonly #asked: NewRun;
  readonly #candidates: Roster["candidates"];
  readonly #keyOf: (agent: Uint8Array) => Signer;
  readonly #log: (entry: Uint8Array) => number;
  readonly #seats = new Map<string, Seat>();
  readonly #ready = new Map<string, { round: number; length: number }>();
  readonly #rounds: { round: number; length: number; attempts: StandInAttempt[] }[] = [];
  #version = 1;
  #phase: RunView["phase"] = "enrolling";
  #roster: { body: Uint8Array; logIndex: number; roster: Roster; hash: Uint8Array } | undefined;
  #nonces: Uint8Array[] = [];
  #draws = 0;
  #waiting: (() => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    asked: NewRun,
    pool: {
      readonly key: Uint8Array;
      readonly candidates: Roster["candidates"];
      readonly keyOf: (agent: Uint8Array) => Signer;
      readonly log: (entry: Uint8Array) => number;
      readonly course: Course;
    },
  ) {
    this.known = present(openRun(asked.terms, pool.key, primitives));
    this.#asked = asked;
    this.#candidates = pool.candidates;
    this.#keyOf = pool.keyOf;
    this.#log = pool.log;
    this.course = pool.course;
  }

  /** Resolves when the version is another than `seen`. */
  async changed(seen: number): Promise<void> {
    if (this.#version !== seen) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  view(): RunView {
    const round = this.#rounds.at(-1);
    return {
      version: this.#version,
      phase: this.#phase,
      terms: this.#asked.terms,
      seats: this.#asked.seats,
      enrolled: this.#seats.size,
      draws: this.#draws,
      ...(this.#roster && { roster: { body: this.#roster.body, logIndex: this.#roster.logIndex } }),
      nonces: this.#nonces,
      passedOver: [...(this.course.passedOver ?? [])],
      rounds: this.#rounds.filter((each) => isRoundOver(viewOf(each))).length,
      ready: this.#ready.size,
      ...(round && { round: viewOf(round) }),
    };
  }

  round(round: number): RoundView {
    return viewOf(present(this.#rounds[round - 1]));
  }

  /** Takes what a participant says, one after another. @returns why not */
  say(where: string, signed: Signed): Promise<string | undefined> {
    const said = this.#turn.then(async () => {
      const refusal = await this.#take(where, signed);
      if (!refusal) await this.#advance();
      return refusal;
    });
    this.#turn = said.catch(() => undefined);
    return said;
  }

  put(bytes: Uint8Array): Promise<void> {
    this.files.set(toHex(primitives.sha256(bytes)), bytes);
    const done = this.#turn.then(() => this.#advance());
    this.#turn = done.catch(() => undefined);
    return done;
  }

  start(): void {
    this.#draw();
  }

  async #take(where: string, signed: Signed): Promise<string | undefined> {
    if (where === "seats") return this.#takeSeat(signed);
    if (where === "reveals") return this.#takeReveal(signed);
    if (where === "ready") return this.#takeReady(signed);
    const upload = openOwnStatement(maskedUpload, signed, ({ participant }) => participant, primitives);
    const attempt = this.#rounds.at(-1)?.attempts.at(-1);
    if (!upload || upload.attempt !== attempt?.attempt || upload.round !== this.#rounds.length) return "out-of-turn";
    const place = this.#placeOf(upload.participant);
    return attempt.groups.includes(upload.group) ? attempt.takeUpload(place, signed) : "out-of-turn";
  }

  #takeSeat(signed: Signed): string | undefined {
    const said = openOwnStatement(enrolment, signed, ({ seat }) => seat, primitives);
    if (!said || this.#phase !== "enrolling") return "out-of-turn";
    const before = this.#seats.get(toHex(said.seat));
    if (before && toHex(before.participant) !== toHex(said.participant)) return "not-allowed";
    this.#seats.set(toHex(said.seat), said);
    if (this.#seats.size === this.known.terms.participants) this.#draw();
    this.#news();
    return undefined;
  }

  #draw(): void {
    const participants = [...this.#seats]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([seat, { participant, commitment }]) => ({ seat: Buffer.from(seat, "hex"), participant, commitment }));
    const { floor } = this.known.terms;
    const honest = { run: this.known.id, floor, participants, candidates: this.#candidates };
    const roster = this.course.roster?.(honest) ?? honest;
    const body = toCbor(roster);
    const hash = rosterHash(body, primitives);
    const logIndex = this.course.logs === false ? 0 : this.#log(rosterEntry(hash));
    this.#roster = { body, logIndex, roster, hash };
    this.#nonces = participants.map(() => new Uint8Array(0));
    this.#phase = "drawing";
    this.#draws++;
    this.#news();
  }

  #takeReveal(signed: Signed): string | undefined {
    const said = openOwnStatement(drawReveal, signed, ({ participant }) => participant, primitives);
    const standing = this.#roster;
    if (!said || !standing || this.#phase !== "drawing") return "out-of-turn";
    if (toHex(said.roster) !== toHex(standing.hash)) return "out-of-turn";
    this.#nonces = this.#nonces.with(this.#placeOf(said.participant), said.nonce);
    const isWhole = this.#nonces.every(({ length }) => length === 32);
    if (isWhole && this.#draws <= (this.course.failingDraws ?? 0)) this.#drawAnew();
    else if (isWhole) this.#phase = "running";
    this.#news();
    return undefined;
  }

  /** Back to enrolling: all seats are taken anew. */
  #drawAnew(): void {
    this.#phase = "enrolling";
    this.#roster = undefined;
    this.#nonces = [];
    this.#seats.clear();
  }

  #takeReady(signed: Signed): string | undefined {
    const said = openOwnStatement(readiness, signed, ({ participant }) => participant, primitives);
    if (!said || this.#phase !== "running") return "out-of-turn";
    this.#ready.set(toHex(said.participant), said);
    this.#news();
    return undefined;
  }

  #placeOf(participant: Uint8Array): number {
    const { roster } = present(this.#roster);
    return roster.participants.findIndex((each) => toHex(each.participant) === toHex(participant));
  }

  async #advance(): Promise<void> {
    if (this.#phase !== "running") return;
    const current = this.#rounds.at(-1);
    if (!current || isRoundOver(viewOf(current))) return this.#nextRound();
    const attempt = present(current.attempts.at(-1));
    for (const group of attempt.groups) await this.#sumGroup(current, attempt, group);
    const isDone = attempt.groups.every((group) => attempt.phaseOf(group).phase !== "gathering");
    const anew = attempt.groups.filter((group) => attempt.phaseOf(group).phase === "aborted");
    if (isDone && anew.length > 0) await this.#open(current, anew);
    this.#news();
    if (isRoundOver(viewOf(current))) await this.#nextRound();
  }

  async #sumGroup({ round }: { round: number }, attempt: StandInAttempt, group: number): Promise<void> {
    if (attempt.phaseOf(group).phase !== "gathering") return;
    const { drawn } = this.#drawn();
    const expected = drawn.groupOf.filter((of, place) => of === group && !this.course.absent?.includes(place)).length;
    const uploads = attempt.uploads(group);
    if (uploads.length < expected || !uploads.every((hash) => this.files.has(toHex(hash)))) return;
    const ending = this.course.ending?.(round, attempt.attempt, group);
    if (this.course.again?.(round, attempt.attempt)) {
      await this.#open(present(this.#rounds.at(-1)), attempt.groups);
    } else if (ending === "aborted") {
      await attempt.abort(group);
    } else if (ending === "lost") {
      attempt.lose(group);
    } else {
      const sum = await attempt.sum(group, this.files);
      if (sum) this.files.set(toHex(primitives.sha256(sum)), sum);
    }
  }

  async #nextRound(): Promise<void> {
    const waited = present(this.#roster).roster.participants.filter((_, place) => !this.course.absent?.includes(place));
    const said = waited.map(({ participant }) => this.#ready.get(toHex(participant)));
    const round = this.#rounds.length + 1;
    if (!said.every((each) => each?.round === round)) return;
    const length = present(said[0]).length;
    if (length === 0) {
      this.#phase = "ended";
      return this.#news();
    }
    const next = { round, length, attempts: [] };
    this.#rounds.push(next);
    await this.#open(
      next,
      Array.from({ length: this.known.terms.groups }, (_, group) => group),
    );
    this.#news();
  }

  async #open(
    round: { round: number; length: number; attempts: StandInAttempt[] },
    groups: readonly number[],
  ): Promise<void> {
    const { drawn, standing } = this.#drawn();
    const { terms } = this.known;
    const passedOver = new Set((this.course.passedOver ?? []).map(toHex));
    const honest = present(committeeOf(drawn.order, terms.committee, passedOver));
    const members = this.course.committee?.(honest, drawn.order) ?? honest;
    const agents = members.map(({ agent }) => agent);
    const memberTerms = {
      shape: terms.committee,
      run: this.known.id,
      roster: standing.hash,
      agents,
      participants: standing.roster.participants.map(({ participant }) => participant),
      groupOf: drawn.groupOf,
      floor: this.course.floor ?? terms.floor,
    };
    const attempt = round.attempts.length + 1;
    const setting = { round: round.round, attempt, length: round.length, terms: memberTerms };
    round.attempts.push(await StandInAttempt.open({ ...setting, agents: agents.map(this.#keyOf) }, groups));
    this.#news();
  }

  #drawn() {
    const standing = present(this.#roster);
    const drawn = present(draw(standing.roster, standing.hash, this.#nonces, primitives));
    const { groups } = this.known.terms;
    const order = drawnOrder(standing.roster, drawn, primitives);
    return { standing, drawn: { order, groupOf: groupsOf(standing.roster, drawn, groups, primitives) } };
  }

  #news(): void {
    this.#version++;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function viewOf({ round, length, attempts }: { round: number; length: number; attempts: StandInAttempt[] }): RoundView {
  return {
    round,
    length,
    attempts: attempts.map((each) => ({
      attempt: each.attempt,
      agents: [...each.agents],
      keys: [...each.keys],
      groups: each.groups.map((group) => each.viewOf(group)),
    })),
  };
}

import {
  type Offer,
  provenSlotSpeed,
  ratingRules,
  type TimedRun,
  type ToPool,
  unprovenSlotSpeed,
} from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import { insertRating, lastRatings, type RatingReason, type RatingRow } from "../../store/rating-rows.js";
import type { GroupCommit } from "../group-commit.js";
import type { MarketParts } from "../market/leases.js";
import type { AgentSession } from "../market/live.js";
import { Observations, provenSpeedOf } from "./observations.js";
import { type RatingOptions, RatingRound, type RoundResult } from "./rating-round.js";
import type { ProofParts } from "./speed-proof.js";

/** What ratings are built on. */
export interface RatingParts extends ProofParts {
  readonly commit: Pick<GroupCommit, "submit">;
  readonly market: Pick<MarketParts, "sessions" | "holdings" | "now">;
  readonly log: FastifyBaseLogger;
  readonly options: RatingOptions | "off";
  /** An agent may take another amount of work than before. */
  onRoom(agent: string): void;
}

type Commitment = Extract<ToPool, { type: "speed-commitment" }>;
type OpenedRows = Extract<ToPool, { type: "opened-rows" }>;

/**
 * What every agent's speed counts for: proven by computing, for a while; little by its own word; nothing after an answer
 * that was wrong. Idle agents are challenged when they have no proof, and all of them together at random times, so that
 * one device cannot be rated for two.
 */
export class Ratings {
  readonly #parts: RatingParts;
  /** The last rating of every agent, by key. */
  readonly #last: Map<string, RatingRow>;
  readonly #rounds = new Map<AgentSession, RatingRound>();
  readonly #observations = new Observations();
  /** Agents whose proof has expired, and that are to become free for another. */
  readonly #draining = new Set<AgentSession>();
  #judgedAt = 0;

  /** @param last the last rating of every agent */
  constructor(parts: RatingParts, last: readonly RatingRow[]) {
    this.#parts = parts;
    this.#last = new Map(last.map((row) => [row.agent, row]));
  }

  static async open(parts: RatingParts, database: pg.Pool): Promise<Ratings> {
    return new Ratings(parts, await lastRatings(database));
  }

  /** An agent is here: it counts for what it has proven. */
  connect(session: AgentSession): void {
    const last = this.#standing(session);
    const { class: lent, speeds, slots } = session.offer;
    session.slotSpeed = last?.slotSpeed ?? unprovenSlotSpeed(lent, speeds, slots);
    session.provenSpeed = last ? provenSpeedOf(last) : 0;
  }

  /** An agent would take work: it is asked for a proof where it has none. */
  consider(session: AgentSession): void {
    if (this.#isIdle(session) && this.#needsProof(session)) this.#challenge(session);
  }

  /** Whoever leaves in the middle of a challenge has not proven anything. */
  disconnect(session: AgentSession): void {
    this.#draining.delete(session);
    if (this.#rounds.has(session)) this.#settle(session, { reason: "abandoned" });
  }

  /** Challenges every idle agent at the same moment. */
  callSlot(): void {
    for (const session of this.#idle()) this.#challenge(session);
  }

  /** Real work was done, which tells of the agent's speed. */
  ran(session: AgentSession, run: TimedRun): void {
    this.#observations.ran(session, run);
  }

  /** Ends challenges whose time is over, begins those that waited for the agent to be idle, and judges real work. */
  sweep(): void {
    const now = this.#parts.market.now();
    for (const [session, round] of this.#rounds) if (round.isLate(now)) this.#settle(session, { reason: "late" });
    for (const session of this.#parts.market.sessions.values()) {
      this.consider(session);
      if (this.#isOverdue(session)) this.#drain(session);
    }
    if (now - this.#judgedAt >= judgeEveryMs) this.#judgeAll(now);
  }

  /** An agent that was never free gets nothing new until it is. */
  #drain(session: AgentSession): void {
    session.challenged = true;
    this.#parts.onRoom(session.id);
    this.#draining.add(session);
    this.#parts.log.info({ agent: session.id.slice(0, 16) }, "agent drains: its proof of speed has expired");
  }

  #judgeAll(now: number): void {
    this.#judgedAt = now;
    for (const session of this.#parts.market.sessions.values()) {
      const last = this.#last.get(session.id);
      if (last) this.#judge(session, last);
    }
  }

  #judge(session: AgentSession, last: RatingRow): void {
    if (!this.#isProven(last, session.offer)) return;
    const changed = this.#observations.judge(last, this.#parts.market.now());
    if (changed) this.#keep(session, changed);
  }

  /** The agent has computed; @returns why that is not taken */
  committed(session: AgentSession, { id, root }: Commitment): "no-challenge" | undefined {
    const indices = this.#rounds.get(session)?.commit(id, root, this.#parts.market.now());
    if (!indices) return "no-challenge";
    session.send({ type: "open-rows", id, indices: [...indices] });
    return undefined;
  }

  /** The agent shows the rows that were asked for; @returns why that is not taken */
  opened(session: AgentSession, { id, rows }: OpenedRows): "no-challenge" | undefined {
    const round = this.#rounds.get(session);
    const verdict = round?.check(id, rows);
    if (!round || !verdict) return "no-challenge";
    void verdict.catch(() => unchecked).then((result) => this.#conclude(session, round, result));
    return undefined;
  }

  #conclude(session: AgentSession, round: RatingRound, result: RoundResult | "more"): void {
    if (this.#rounds.get(session) !== round) return; // gone meanwhile
    if (result === "more") void this.#begin(session, round);
    else this.#settle(session, result);
  }

  #challenge(session: AgentSession): void {
    if (this.#parts.options === "off") return;
    const round = new RatingRound(this.#parts, session.offer, this.#parts.options);
    this.#rounds.set(session, round);
    this.#draining.delete(session);
    session.challenged = true;
    this.#parts.onRoom(session.id);
    void this.#begin(session, round);
  }

  async #begin(session: AgentSession, round: RatingRound): Promise<void> {
    const roundTripMs = await session.roundTripMs();
    if (this.#rounds.get(session) !== round) return; // gone meanwhile
    const { id, precision, challenge } = round.begin(this.#parts.market.now(), roundTripMs);
    session.send({ type: "speed-challenge", id, precision, challenge });
  }

  #settle(session: AgentSession, result: RoundResult): void {
    this.#rounds.delete(session);
    const row = this.#rowOf(session, result);
    this.#keep(session, row);
    this.#judge(session, row); // what real work has shown is not forgotten by another proof
  }

  /** The rating counts once it is durable. */
  #keep(session: AgentSession, row: RatingRow): void {
    this.#last.set(session.id, row);
    const kept = this.#parts.commit.submit(insertRating, row);
    kept.then(
      () => this.#tell(session, row),
      () => undefined, // a failed commit stops the pool
    );
  }

  #tell(session: AgentSession, row: RatingRow): void {
    const { reason, slotSpeed, expiresAt, fp32 } = row;
    session.slotSpeed = slotSpeed;
    session.provenSpeed = provenSpeedOf(row);
    session.challenged = this.#rounds.has(session) || this.#draining.has(session);
    session.send({ type: "rated", slotSpeed, reason, expiresAt });
    this.#parts.log.info({ agent: session.id.slice(0, 16), reason, slotSpeed, fp32 }, "agent rated");
    this.#parts.onRoom(session.id);
  }

  #rowOf({ id, offer }: AgentSession, result: RoundResult): RatingRow {
    const { class: lent, slots, speeds } = offer;
    const memory = speeds.memoryBytesPerSecond;
    const now = this.#parts.market.now();
    const common = { agent: id, ratedAt: now, reason: result.reason, class: lent, slots, memory };
    if (result.reason === "proven") {
      const { fp32, fp16 = null } = result.rates;
      const slotSpeed = provenSlotSpeed(lent, result.rates, memory, slots);
      return { ...common, fp32, fp16, provenAt: now, slotSpeed, expiresAt: now + ratingRules.lastsMs };
    }
    const slotSpeed = honestReasons.has(result.reason) ? unprovenSlotSpeed(lent, speeds, slots) : 0;
    return { ...common, fp32: 0, fp16: null, provenAt: 0, slotSpeed, expiresAt: now + ratingRules.retryMs };
  }

  /** The last rating where it still counts: a proof that holds, or a lie. */
  #standing({ id, offer }: AgentSession): RatingRow | undefined {
    const last = this.#last.get(id);
    return last && (last.slotSpeed === 0 || this.#isProven(last, offer)) ? last : undefined;
  }

  #needsProof({ id, offer }: AgentSession): boolean {
    const last = this.#last.get(id);
    if (!last) return true;
    return last.provenAt > 0 ? !this.#isProven(last, offer) : last.expiresAt <= this.#parts.market.now();
  }

  /** A proof has expired for a while, and the agent was never free to give another. */
  #isOverdue({ id, challenged }: AgentSession): boolean {
    const last = this.#last.get(id);
    return !challenged && !!last?.provenAt && last.expiresAt + overdueMs <= this.#parts.market.now();
  }

  /** A proof is of a device and a number of slots: who lends another, or more or less of it, proves it anew. */
  #isProven(last: RatingRow, offer: Offer): boolean {
    const isOfThis = last.class === offer.class && last.slots === offer.slots;
    return last.provenAt > 0 && isOfThis && last.expiresAt > this.#parts.market.now();
  }

  #idle(): AgentSession[] {
    return [...this.#parts.market.sessions.values()].filter((session) => this.#isIdle(session));
  }

  /** Whoever takes no work now, because its owner uses the machine, is not to compute for a proof either. */
  #isIdle(session: AgentSession): boolean {
    const reserved = session.challenged && !this.#draining.has(session);
    return !reserved && session.wanted > 0 && this.#parts.market.holdings.count(session.id) === 0;
  }
}

/** How often real work is judged, in ms. */
const judgeEveryMs = 60_000;
/** An agent that is never free is given nothing new this long after its proof has expired, in ms. */
const overdueMs = 3_600_000;
/** What went wrong on our side. */
const unchecked = { reason: "unchecked" } as const;

/** Being late or gone proves nothing, but is no lie. */
const honestReasons: ReadonlySet<RatingReason> = new Set(["late", "abandoned", "unchecked"]);

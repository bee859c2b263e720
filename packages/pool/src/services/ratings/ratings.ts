import { type Offer, provenSlotSpeed, ratingRules, type ToPool, unprovenSlotSpeed } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import { insertRating, lastRatings, type RatingReason, type RatingRow } from "../../store/rating-rows.js";
import type { GroupCommit } from "../group-commit.js";
import type { MarketParts } from "../market/leases.js";
import type { AgentSession } from "../market/live.js";
import { type RatingOptions, RatingRound, type RoundResult } from "./rating-round.js";
import type { ProofParts } from "./speed-proof.js";

/** What ratings are built on. */
export interface RatingParts extends ProofParts {
  readonly commit: GroupCommit;
  readonly market: Pick<MarketParts, "sessions" | "holdings" | "now">;
  readonly log: FastifyBaseLogger;
  readonly options: RatingOptions | "off";
  /** An agent can take work again, or takes another amount. */
  onRated(): void;
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

  private constructor(parts: RatingParts, last: readonly RatingRow[]) {
    this.#parts = parts;
    this.#last = new Map(last.map((row) => [row.agent, row]));
  }

  static async open(parts: RatingParts, database: pg.Pool): Promise<Ratings> {
    return new Ratings(parts, await lastRatings(database));
  }

  /** An agent is here: it counts for what it has proven. */
  connect(session: AgentSession): void {
    session.slotSpeed = this.#slotSpeedOf(session);
  }

  /** An agent would take work: it is asked for a proof where it has none. */
  consider(session: AgentSession): void {
    if (this.#isIdle(session) && this.#needsProof(session)) this.#challenge(session);
  }

  /** Whoever leaves in the middle of a challenge has not proven anything. */
  disconnect(session: AgentSession): void {
    if (this.#rounds.has(session)) this.#settle(session, { reason: "abandoned" });
  }

  /** Challenges every idle agent at the same moment. */
  callSlot(): void {
    for (const session of this.#idle()) this.#challenge(session);
  }

  /** Ends challenges whose time is over, and begins those that waited for the agent to be idle. */
  sweep(): void {
    const now = this.#parts.market.now();
    for (const [session, round] of this.#rounds) if (round.isLate(now)) this.#settle(session, { reason: "late" });
    for (const session of this.#idle()) this.consider(session);
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
    session.challenged = true;
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
    this.#last.set(session.id, row);
    const kept = this.#parts.commit.submit(insertRating, row);
    kept.then(
      () => this.#tell(session, row),
      () => undefined, // a failed commit stops the pool
    );
  }

  #tell(session: AgentSession, { reason, slotSpeed, expiresAt, fp32 }: RatingRow): void {
    session.slotSpeed = slotSpeed;
    session.challenged = false;
    session.send({ type: "rated", slotSpeed, reason, expiresAt });
    this.#parts.log.info({ agent: session.id.slice(0, 16), reason, slotSpeed, fp32 }, "agent rated");
    this.#parts.onRated();
  }

  #rowOf({ id, offer }: AgentSession, result: RoundResult): RatingRow {
    const { class: lent, slots, speeds } = offer;
    const memory = speeds.memoryBytesPerSecond;
    const now = this.#parts.market.now();
    const common = { agent: id, ratedAt: now, reason: result.reason, class: lent, slots, memory };
    if (result.reason === "proven") {
      const { fp32, fp16 = null } = result.rates;
      const slotSpeed = provenSlotSpeed(lent, result.rates, memory, slots);
      return { ...common, fp32, fp16, slotSpeed, expiresAt: now + ratingRules.lastsMs };
    }
    const slotSpeed = honestReasons.has(result.reason) ? unprovenSlotSpeed(lent, speeds, slots) : 0;
    return { ...common, fp32: 0, fp16: null, slotSpeed, expiresAt: now + ratingRules.retryMs };
  }

  #slotSpeedOf({ id, offer }: AgentSession): number {
    const last = this.#last.get(id);
    const stands = last && (last.slotSpeed === 0 || this.#isProven(last, offer));
    return stands ? last.slotSpeed : unprovenSlotSpeed(offer.class, offer.speeds, offer.slots);
  }

  #needsProof({ id, offer }: AgentSession): boolean {
    const last = this.#last.get(id);
    if (!last) return true;
    return last.reason === "proven" ? !this.#isProven(last, offer) : last.expiresAt <= this.#parts.market.now();
  }

  /** A proof is of a device and a number of slots: who lends another, or more or less of it, proves it anew. */
  #isProven(last: RatingRow, offer: Offer): boolean {
    const isOfThis = last.class === offer.class && last.slots === offer.slots;
    return last.reason === "proven" && isOfThis && last.expiresAt > this.#parts.market.now();
  }

  #idle(): AgentSession[] {
    return [...this.#parts.market.sessions.values()].filter((session) => this.#isIdle(session));
  }

  /** Whoever takes no work now, because its owner uses the machine, is not to compute for a proof either. */
  #isIdle({ id, challenged, wanted }: AgentSession): boolean {
    return !challenged && wanted > 0 && this.#parts.market.holdings.count(id) === 0;
  }
}

/** What went wrong on our side. */
const unchecked = { reason: "unchecked" } as const;

/** Being late or gone proves nothing, but is no lie. */
const honestReasons: ReadonlySet<RatingReason> = new Set(["late", "abandoned", "unchecked"]);

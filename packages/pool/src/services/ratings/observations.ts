import { ObservedSpeeds, provenSlotSpeed, ratingRules, type TimedRun } from "@aegis-pool/core";
import type { RatingRow } from "../../store/rating-rows.js";
import type { AgentSession } from "../market/live.js";

/** A change of a rating that is worth a note. */
const notable = Math.log(1.05);
/** Real work that shows at least this part of a proven speed keeps the proof from expiring. */
const confirming = 0.9;
/** Real work keeps a proof for so many of its terms, at most: then it must be proven again. */
const mostTerms = 7;

/** What real work makes of ratings: a lower one, where it shows less than was proven, or a longer one, where it shows as much. */
export class Observations {
  readonly #speeds = new ObservedSpeeds();

  /** A task of the kind was completed `ms` after its key was handed over. */
  ran(session: AgentSession, run: TimedRun): void {
    const operator = Buffer.from(session.operatorKey).toString("hex");
    this.#speeds.observe({ ...run, agent: session.id, operator });
  }

  /** What becomes of a rating that stands; undefined where it stays as it is. */
  judge(last: RatingRow, now: number): RatingRow | undefined {
    const part = this.#speeds.partOf(last.agent);
    if (part === undefined) return undefined;
    const slotSpeed = Math.max(1, Math.round(provenSpeedOf(last) * part));
    const changed = Math.abs(Math.log(slotSpeed / last.slotSpeed)) > notable;
    const expiresAt = part >= confirming ? prolonged(last, now) : last.expiresAt;
    if (!changed && expiresAt === last.expiresAt) return undefined;
    return { ...last, ratedAt: now, reason: "observed", slotSpeed, expiresAt };
  }
}

/** What a slot has proven, in µSCU; 0 where nothing is. */
export function provenSpeedOf({ class: lent, fp32, fp16, memory, slots }: RatingRow): number {
  return fp32 > 0 ? provenSlotSpeed(lent, { fp32, fp16: fp16 ?? undefined }, memory, slots) : 0;
}

/** A proof in the last quarter of its term is good for another. */
function prolonged({ provenAt, expiresAt }: RatingRow, now: number): number {
  const isEnding = expiresAt - now < ratingRules.lastsMs / 4;
  return isEnding && now < provenAt + (mostTerms - 1) * ratingRules.lastsMs ? now + ratingRules.lastsMs : expiresAt;
}

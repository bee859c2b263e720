import type { LentClass } from "@aegis-pool/core";
import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";

/** Why a rating is as it is. */
export type RatingReason =
  | "proven"
  | "observed"
  | "late"
  | "abandoned"
  | "unchecked"
  | "row-missing"
  | "row-malformed"
  | "row-not-committed"
  | "product-wrong";

/** One change of what an agent's speed counts for. */
export interface RatingRow {
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  /** ms since 1970. */
  readonly ratedAt: number;
  readonly reason: RatingReason;
  readonly class: LentClass;
  readonly slots: number;
  /** Proven operations per second, all slots together; 0: none. */
  readonly fp32: number;
  /** The same of FP16 products; null where none were to be proven. */
  readonly fp16: number | null;
  /** Claimed bytes per second, all slots together. */
  readonly memory: number;
  /** When these rates were proven, ms since 1970; 0: none are. */
  readonly provenAt: number;
  /** µSCU of one slot; 0: no work until a speed is proven. */
  readonly slotSpeed: number;
  /** ms since 1970. */
  readonly expiresAt: number;
}

const columns = `encode(agent, 'hex') AS agent, rated_at AS "ratedAt", reason, class, slots, fp32, fp16, memory,
  proven_at AS "provenAt", slot_speed AS "slotSpeed", expires_at AS "expiresAt"`;

/** Keeps ratings. */
export const insertRating: WriteKind<RatingRow, true> = {
  order: 4,
  async write(client, rows) {
    const column = <K extends keyof RatingRow>(key: K) => rows.map((row) => row[key]);
    await client.query({
      name: "insert-ratings",
      text: `INSERT INTO ratings (agent, rated_at, reason, class, slots, fp32, fp16, memory, proven_at, slot_speed, expires_at)
             SELECT decode(agent, 'hex'), rated_at, reason, class, slots, fp32, fp16, memory, proven_at, slot_speed,
               expires_at
             FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[],
               $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
               AS new (agent, rated_at, reason, class, slots, fp32, fp16, memory, proven_at, slot_speed, expires_at)`,
      values: [
        column("agent"),
        column("ratedAt"),
        column("reason"),
        column("class"),
        column("slots"),
        column("fp32"),
        column("fp16"),
        column("memory"),
        column("provenAt"),
        column("slotSpeed"),
        column("expiresAt"),
      ],
    });
    return rows.map(() => true);
  },
};

/** The last rating of every agent. */
export async function lastRatings(database: pg.Pool): Promise<RatingRow[]> {
  const text = `SELECT DISTINCT ON (ratings.agent) ${columns} FROM ratings ORDER BY ratings.agent, id DESC`;
  return (await database.query<RatingRow>(text)).rows;
}

/** Up to `limit` ratings of one agent, the newest first. */
export async function ratingsOf(database: pg.Pool, agent: string, limit: number): Promise<RatingRow[]> {
  const text = `SELECT ${columns} FROM ratings WHERE ratings.agent = decode($1, 'hex') ORDER BY id DESC LIMIT $2`;
  return (await database.query<RatingRow>({ name: "ratings-of", text, values: [agent, limit] })).rows;
}

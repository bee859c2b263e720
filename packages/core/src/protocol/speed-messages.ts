import { Type } from "typebox";
import { Bytes, Exactly, Instant, Text, Whole } from "../shared/schema.js";
import { checkedRows } from "../units/rating/product-check.js";
import { SpeedChallenge } from "../units/rating/speed-challenge.js";

/**
 * How an agent proves its speed, within the agent's channel:
 *
 *     pool: speed-challenge -> agent: speed-commitment -> pool: open-rows -> agent: opened-rows -> pool: rated
 */
const id = Bytes(16);
const many = { minItems: 1, maxItems: checkedRows };
const OpenedRow = Exactly({ residues: Bytes(1, 32_768), proof: Type.Array(Bytes(32), { maxItems: 32 }) });

export const speedFromPool = {
  /** `precision`: how the products are to be computed; their numbers are the same. */
  "speed-challenge": { id, precision: Type.Enum(["fp32", "fp16"]), challenge: SpeedChallenge },
  "open-rows": { id, indices: Type.Array(Whole(), many) },
  /** What the agent counts for from now on, in µSCU per slot, and why; 0: it gets no work until it has proven a speed. */
  rated: { slotSpeed: Whole(), reason: Text(64), expiresAt: Instant },
} as const;

export const speedFromAgent = {
  "speed-commitment": { id, root: Bytes(32) },
  "opened-rows": { id, rows: Type.Array(OpenedRow, many) },
} as const;

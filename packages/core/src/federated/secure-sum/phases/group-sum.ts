import type { Primitives } from "../../../privacy/primitives.js";
import type { SumBinding } from "../binding.js";
import type { Committee } from "../committee-keys.js";
import type { Aborted, Lost } from "./ended.js";
import type { Agreeing } from "./agreeing.js";
import type { Confirming, Summed } from "./confirming.js";
import type { Gathering } from "./gathering.js";
import type { Unmasking } from "./unmasking.js";

/**
 * One attempt at one group's sum, as the pool that adds it up sees it. A phase is a value; what arrives makes it another, or is refused by name.
 *
 *     gathering ─close▶ agreeing ─quorum▶ unmasking ─enough answers▶ confirming ─quorum▶ summed
 *                          ├──────quorum of ABORTs──▶ aborted        │               │
 *                          └────────────────────────▶ lost ◀────────┴───────────────┘
 *
 * After `aborted` the same values may be uploaded again, under new keys. After `lost` they never are: somebody may know the sum.
 */
export type GroupSumPhase = Gathering | Agreeing | Unmasking | Confirming | Summed | Aborted | Lost;

/** What does not change while a sum goes on. */
export interface GroupSumContext {
  readonly binding: SumBinding;
  readonly committee: Committee;
  /** SHA-256 of the signed roster. */
  readonly roster: Uint8Array;
  /** The participants of this group: keys, by place in the roster. */
  readonly participants: ReadonlyMap<number, Uint8Array>;
  readonly floor: number;
  /** Words in an upload. */
  readonly length: number;
  readonly primitives: Primitives;
}

/** Why something that arrives is not taken; the phase stays what it was. */
export type PhaseRefusal =
  | "out-of-turn"
  | "not-in-group"
  | "upload-invalid"
  | "already-uploaded"
  | "not-signed"
  | "already-said";

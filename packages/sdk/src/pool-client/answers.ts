import type { OrderBook, WhyCounts, WhyNot } from "@aegis-pool/core";

/** What a pool says of itself. */
export interface PoolDescription {
  /** Its Ed25519 key in hexadecimal. */
  readonly key: string;
  /** Whether anybody may have money to play with, for asking. */
  readonly testMoney: boolean;
  readonly agents: number;
  readonly offers: readonly {
    readonly engine: string;
    readonly slots: number;
    /** Of one slot, µSCU. */
    readonly speed: number;
    /** nAIS per SCU-second. */
    readonly floorPrice: string;
  }[];
}

/** One change of what an agent's speed counts for, and why. */
export interface AgentRating {
  /** ms since 1970. */
  readonly ratedAt: number;
  /** "proven"; "observed": real work has changed it; or why nothing is proven. */
  readonly reason: string;
  readonly class: "cpu" | "webgpu";
  readonly slots: number;
  /** Proven operations per second, all slots together. */
  readonly fp32: number;
  /** The same of FP16 products; null where the device has none of its own. */
  readonly fp16: number | null;
  /** Claimed bytes per second, all slots together. */
  readonly memory: number;
  /** When these rates were proven, ms since 1970; 0: none are. */
  readonly provenAt: number;
  /** µSCU of one slot; 0: no work until a speed is proven. */
  readonly slotSpeed: number;
  readonly expiresAt: number;
}

/** The order book of one class of devices. */
export interface ClassBook extends OrderBook {
  readonly class: "cpu" | "webgpu";
}

/** Tasks of a job that are alike, and why they wait. */
export interface WaitingTasks {
  readonly tasks: number;
  /** nAIS per SCU-second. */
  readonly maxPrice: number;
  /** How many agents each filter keeps away, how many are busy, and how many fit. */
  readonly agents: WhyCounts;
  /** What keeps the agent that was asked about away, or "fits"; absent where the pool does not know it. */
  readonly agent?: WhyNot | "fits";
}

/** Counts of a job's tasks by state. */
export interface JobCounts {
  readonly queued: number;
  readonly matched: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

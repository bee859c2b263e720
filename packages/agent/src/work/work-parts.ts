import type { EngineName, Offer, ToAgent, ToPool } from "@aegis-pool/core";
import type { CommitteeMessage } from "../committee/index.js";
import type { PoolHttp } from "../connection/pool-http.js";
import type { Engines } from "../engines/index.js";
import type { AgentKeys } from "../identity/enrolment.js";

/** What a pool says to an agent, but for what it says to a committee member. */
export type WorkMessage = Exclude<ToAgent, CommitteeMessage>;

/** What an agent works with. */
export interface WorkParts {
  readonly keys: AgentKeys;
  readonly pool: Uint8Array;
  readonly http: PoolHttp;
  readonly engines: Engines;
  /** What is lent: so many tasks run at the same time, or as many as have room on the card. */
  readonly offer: Pick<Offer, "slots" | "memoryBytes" | "card">;
  /** Engine and version, for receipts. */
  readonly engineVersions: Readonly<Record<EngineName, string>>;
  /** How long a task may stay stopped before it is handed back, in ms; 30 s by default. */
  readonly stoppedPatienceMs?: number;
  send(message: ToPool): void;
  onEvent(event: WorkEvent): void;
}

/** What is worth a line to the machine's owner. */
export type WorkEvent =
  | { readonly kind: "ran"; readonly number: number; readonly outcome: string; readonly ranMs: number }
  | {
      readonly kind: "settled";
      readonly number: number;
      readonly receipt: Extract<ToAgent, { type: "settled" }>["receipt"];
    }
  | { readonly kind: "handed-back"; readonly number: number; readonly reason: string }
  | { readonly kind: "refused"; readonly number: number; readonly reason: string };

/** A stopped task is handed back after this time, in ms. */
export const stoppedPatienceMs = 30_000;

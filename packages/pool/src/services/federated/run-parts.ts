import type { Primitives } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import type { Clock } from "../clock.js";
import type { GroupCommit } from "../group-commit.js";
import type { Ledger } from "../ledger.js";
import type { Market } from "../market/index.js";
import type { TransparencyLog } from "../transparency-log.js";
import type { Signer } from "@aegis-pool/core";
import type { RunPatience } from "./rules.js";

/** What federated runs are conducted with. */
export interface RunParts {
  readonly market: Market;
  readonly transparency: TransparencyLog;
  readonly ledger: Ledger;
  readonly database: pg.Pool;
  readonly commit: GroupCommit;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly primitives: Primitives;
  readonly signer: Signer;
  readonly patience: RunPatience;
  /** Whether an agent, by key in hexadecimal, may be drawn for committees. */
  readonly isTrusted: (agent: string) => boolean;
  /** Removes what a round has left on disk. */
  readonly clearRound: (run: string) => Promise<readonly string[]>;
}

import type { PinnedRoot, Primitives, Signer } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import type { BlobStore } from "../store/blobs/index.js";
import type { Administration } from "./admin/administration.js";
import type { Backups } from "./admin/backups.js";
import type { Bonds } from "./bonds/bonds.js";
import type { Tiers } from "./bonds/tiers.js";
import type { Checks } from "./checks/checks.js";
import type { Disputes } from "./disputes/disputes.js";
import type { Judgements } from "./checks/judgements.js";
import type { Clock } from "./clock.js";
import type { FederatedRuns } from "./federated/federated-runs.js";
import type { GroupCommit } from "./group-commit.js";
import type { Identities } from "./identities.js";
import type { Ledger } from "./ledger.js";
import type { Market } from "./market/index.js";
import type { Metrics } from "./metrics.js";
import type { Payouts } from "./payouts.js";
import type { Ratings } from "./ratings/ratings.js";
import type { Epochs } from "./rewards/epochs.js";
import type { Retention } from "./retention/retention.js";
import type { Settlement } from "./settlement/settlement.js";
import type { TransparencyLog } from "./transparency-log.js";

/** Everything that the pool's edges (HTTP, agents, releasers) work with. */
export interface PoolServices {
  readonly signer: Signer;
  readonly primitives: Primitives;
  /** Whose word is taken about what a machine is. */
  readonly attestationRoots: readonly PinnedRoot[];
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly database: pg.Pool;
  readonly commit: GroupCommit;
  readonly blobs: BlobStore;
  readonly transparency: TransparencyLog;
  readonly identities: Identities;
  readonly administration: Administration;
  readonly backups: Backups;
  readonly ledger: Ledger;
  readonly bonds: Bonds;
  readonly payouts: Payouts;
  readonly epochs: Epochs;
  /** Of a pool that has a chain. */
  readonly settlement: Settlement | undefined;
  readonly market: Market;
  readonly tiers: Tiers;
  readonly ratings: Ratings;
  readonly checks: Checks;
  readonly disputes: Disputes;
  readonly judgements: Judgements;
  readonly federated: FederatedRuns;
  readonly retention: Retention;
  readonly metrics: Metrics;
}

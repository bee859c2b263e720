import { join } from "node:path";
import { defaultParameters, type Signer } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import type { Checks } from "./services/checks/checks.js";
import { openChecks } from "./services/checks/open-checks.js";
import { systemClock } from "./services/clock.js";
import { GroupCommit } from "./services/group-commit.js";
import { Identities } from "./services/identities.js";
import { Ledger } from "./services/ledger.js";
import { type Market, openMarket } from "./services/market/index.js";
import { Epochs } from "./services/rewards/epochs.js";
import { TransparencyLog } from "./services/transparency-log.js";
import { type BlobStore, openDirectoryBlobStore } from "./store/blobs/index.js";
import { openOwnDatabase } from "./store/own-database.js";

/** A pool's market, books and agents without a network, for who measures or tests them: everything is called directly. */
export interface Trading {
  readonly market: Market;
  readonly ledger: Ledger;
  readonly identities: Identities;
  readonly blobs: BlobStore;
  readonly database: pg.Pool;
  readonly signer: Signer;
  /** The pool's checks, with what the database says of agents and of held results by now. */
  openChecks(log: FastifyBaseLogger): Promise<Checks>;
  /** The pool's epochs, as the database has them. */
  openEpochs(log: FastifyBaseLogger): Promise<Epochs>;
  /** Writes that wait for a commit. */
  waiting(): number;
  close(): Promise<void>;
}

const gibibyte = 1024 ** 3;
const blobLimits = {
  maxBlobBytes: gibibyte,
  maxTotalBytes: gibibyte,
  maxUnfinishedUploads: 1,
  unfinishedExpiryMs: 3_600_000,
};

const parameters = () => defaultParameters;

/** Opens a market in `directory`, in a database of its own as a pool has it. @param onLost called when a commit fails */
export async function openTrading(directory: string, onLost: (error: unknown) => void): Promise<Trading> {
  const own = await openOwnDatabase(directory);
  const { database } = own;
  const clock = systemClock;
  const signer = createEd25519Signer();
  const commit = new GroupCommit(database, onLost);
  const blobs = await openDirectoryBlobStore(join(directory, "blobs"), blobLimits);
  const transparency = await TransparencyLog.open({ database, signer, primitives, clock });
  const identities = await Identities.open({ database, log: transparency, primitives, pool: signer.publicKey });
  const ledger = new Ledger({ database, commit, clock, testMoney: true });
  const market = await openMarket({ database, commit, blobs, signer, primitives, clock, ledger, parameters });
  const close = async () => {
    market.stop();
    await commit.drained();
    await blobs.close();
    await own.close();
  };
  const parts = { market, ledger, identities, database, commit, signer, clock, transparency, primitives };
  return {
    ...parts,
    blobs,
    openChecks: async (log) => (await openChecks({ ...parts, log }, () => undefined)).checks,
    openEpochs: (log) => Epochs.open({ ...parts, log }),
    waiting: () => commit.waiting,
    close,
  };
}

import { join } from "node:path";
import { amdRoots, engineNames, type PinnedRoot, ratingRules, type RewardParameters, toHex } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile, primitives } from "@aegis-pool/platform";
import type { FastifyBaseLogger } from "fastify";
import { connectServices } from "./connect-services.js";
import type { TlsFiles } from "./http/server.js";
import { Administration } from "./services/admin/administration.js";
import { Backups } from "./services/admin/backups.js";
import { followAdministration } from "./services/admin/effects.js";
import { Bonds } from "./services/bonds/bonds.js";
import { Tiers } from "./services/bonds/tiers.js";
import type { JudgementOutcome } from "./services/checks/judgements.js";
import { openChecks } from "./services/checks/open-checks.js";
import { type Clock, systemClock } from "./services/clock.js";
import { Disputes } from "./services/disputes/disputes.js";
import { FederatedRuns } from "./services/federated/federated-runs.js";
import type { RunParts } from "./services/federated/run-parts.js";
import { runPatience, type RunPatience } from "./services/federated/rules.js";
import { fillGauges } from "./services/gauges.js";
import { Identities } from "./services/identities.js";
import type { PoolServices } from "./services/index.js";
import { Ledger } from "./services/ledger.js";
import { openMarket } from "./services/market/index.js";
import { createMetrics } from "./services/metrics.js";
import { Payouts } from "./services/payouts.js";
import type { ProductChecks } from "./services/ratings/product-checks.js";
import type { RatingOptions } from "./services/ratings/rating-round.js";
import { Ratings } from "./services/ratings/ratings.js";
import { Epochs } from "./services/rewards/epochs.js";
import { Retention } from "./services/retention/retention.js";
import { type ChainOptions, openSettlement } from "./services/settlement/open-settlement.js";
import { TransparencyLog } from "./services/transparency-log.js";
import { RunFiles } from "./store/run-files.js";

/** How a pool is started. */
export interface PoolOptions {
  /** Where it keeps its key, blobs and (unless `database` is given) its database. */
  readonly directory: string;
  /** PostgreSQL by URL; by default an own server in `directory`. */
  readonly database?: string | undefined;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
  readonly log: FastifyBaseLogger;
  /** The system's by default. */
  readonly clock?: Clock | undefined;
  /** How speed is proven, and how often all idle agents prove it together, in ms in the mean; "off": every agent counts for little. */
  readonly ratings?: Partial<RatingOptions & { readonly slotEveryMs: number }> | "off" | undefined;
  /** Anybody may have money to play with, for asking. Off by default. */
  readonly testMoney?: boolean | undefined;
  /** The chain that it settles on; none by default. */
  readonly chain?: ChainOptions | undefined;
  /** By what availability is paid, of a pool that is new; one that is not keeps its own. DESIGN's calibration by default. */
  readonly rewards?: RewardParameters | undefined;
  /** How many valid results in a row an agent needs to be drawn for the committees of federated runs; 10 by default. */
  readonly committeeTrust?: number | undefined;
  /** For tests: how long federated runs wait for participants and members. */
  readonly runPatience?: Partial<RunPatience> | undefined;
  /** For tests, and other makers: whose word is taken about what a machine is; AMD's by default. Requesters have roots of their own (decision 030). */
  readonly attestationRoots?: readonly PinnedRoot[] | undefined;
}

/** Valid results in a row that an agent needs to be drawn for committees. */
const leastCommitteeTrust = 10;

const ratingDefaults: RatingOptions = {
  challengeMs: ratingRules.challengeMs,
  challengeSize: ratingRules.challengeSize,
};

/** A pool's services, as its database and its directory have them; `storage` is open. */
export async function openServices(
  options: PoolOptions,
  storage: Pick<PoolServices, "database" | "blobs" | "commit">,
  products: ProductChecks,
): Promise<PoolServices> {
  const { directory, log, clock = systemClock, testMoney = false, attestationRoots = amdRoots } = options;
  const signer = await openKeyFile(join(directory, "pool.key"), createEd25519Signer);
  const { database } = storage;
  const transparency = await TransparencyLog.open({ database, signer, primitives, clock });
  const identities = await Identities.open({ database, log: transparency, primitives, pool: signer.publicKey });
  const ledger = new Ledger({ ...storage, clock, testMoney });
  const settling = { ...storage, clock, log, testMoney, pool: toHex(signer.publicKey) };
  const settlement = await openSettlement(settling, options.chain);
  const root = await openKeyFile(join(directory, "admin.key"), createEd25519Signer);
  const administration = await Administration.open({ database, primitives, clock, root: toHex(root.publicKey) });
  const parameters = () => administration.state.parameters;
  const market = await openMarket({ ...storage, signer, primitives, clock, ledger, parameters });
  const bonds = new Bonds({ database, ledger, clock });
  const payouts = new Payouts({ database, log: transparency, primitives, clock });
  const tiers = new Tiers({ database, market, clock });
  await tiers.refresh();
  const epochs = await Epochs.open(
    { ...storage, ledger, market, transparency, signer, primitives, clock, log },
    options.rewards,
  );
  const metrics = createMetrics();
  const { ratings: given = {} } = options;
  const rating = given === "off" ? given : { ...ratingDefaults, ...given };
  const onRoom = market.matcher.consider.bind(market.matcher);
  const ratings = await Ratings.open(
    { commit: storage.commit, market, log, options: rating, onRoom, primitives, check: products.check.bind(products) },
    database,
  );
  const count = (outcome: JudgementOutcome) => metrics.judgements.inc({ outcome });
  const checking = await openChecks({ ...storage, market, identities, ledger, log, clock }, count);
  const conducting = { ...storage, market, transparency, ledger, clock, log, primitives, signer };
  const federated = await openRuns(options, { ...conducting, ...checking });
  const disputes = new Disputes({ ...storage, ...checking, clock, primitives });
  const retention = new Retention({ ...storage, market, clock, log, parameters, federated });
  const place = { ...storage, directory, pool: toHex(signer.publicKey), primitives };
  const backups = new Backups(place, retention, clock);
  const keys = { signer, primitives, transparency, identities, administration, backups };
  const money = { ledger, bonds, payouts, tiers, epochs, settlement };
  const rest = { attestationRoots, clock, log, market, ratings, disputes, federated, retention, metrics };
  const services = { ...keys, ...storage, ...money, ...checking, ...rest };
  connectServices(services);
  fillGauges(services);
  followAdministration(services);
  return services;
}

function openRuns(
  { directory, committeeTrust, runPatience: given }: PoolOptions,
  { checks, ...parts }: Omit<RunParts, "clearRound" | "patience" | "isTrusted"> & Pick<PoolServices, "checks">,
): Promise<FederatedRuns> {
  const isTrusted = (agent: string) => isTrustedBy(checks, agent, committeeTrust);
  const patience = { ...runPatience, ...given };
  return FederatedRuns.open({ ...parts, patience, isTrusted }, new RunFiles(join(directory, "federated")));
}

/** Whether an agent has given so many valid results in a row with one of its engines: nobody can check what a committee member does besides. */
function isTrustedBy(checks: PoolServices["checks"], agent: string, least = leastCommitteeTrust): boolean {
  return least === 0 || engineNames.some((engine) => checks.trustOf(agent, engine).valid >= least);
}

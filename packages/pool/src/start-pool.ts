import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import {
  AegisError,
  amdRoots,
  engineNames,
  type PinnedRoot,
  ratingRules,
  type RewardParameters,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, hasCode, openKeyFile, primitives } from "@aegis-pool/platform";
import type { FastifyBaseLogger } from "fastify";
import type pg from "pg";
import { connectServices } from "./connect-services.js";
import { createHttp, type TlsFiles } from "./http/server.js";
import { acceptUpgrades } from "./http/upgrades.js";
import { Administration } from "./services/admin/administration.js";
import { Backups } from "./services/admin/backups.js";
import { followAdministration } from "./services/admin/effects.js";
import { Bonds } from "./services/bonds/bonds.js";
import { Tiers } from "./services/bonds/tiers.js";
import { type Clock, systemClock } from "./services/clock.js";
import { Disputes } from "./services/disputes/disputes.js";
import { every } from "./services/every.js";
import { FederatedRuns } from "./services/federated/federated-runs.js";
import { runPatience, type RunPatience } from "./services/federated/rules.js";
import { fillGauges } from "./services/gauges.js";
import { GroupCommit } from "./services/group-commit.js";
import { Identities } from "./services/identities.js";
import type { PoolServices } from "./services/index.js";
import { Ledger } from "./services/ledger.js";
import { openMarket } from "./services/market/index.js";
import { createMetrics } from "./services/metrics.js";
import { ProductChecks } from "./services/ratings/product-checks.js";
import type { RatingOptions } from "./services/ratings/rating-round.js";
import type { JudgementOutcome } from "./services/checks/judgements.js";
import { Seizures } from "./services/checks/seizures.js";
import { openChecks } from "./services/checks/open-checks.js";
import { Ratings } from "./services/ratings/ratings.js";
import { scheduleRatings } from "./services/ratings/slot-times.js";
import { Payouts } from "./services/payouts.js";
import { Epochs } from "./services/rewards/epochs.js";
import { Retention } from "./services/retention/retention.js";
import { type ChainOptions, openSettlement } from "./services/settlement/open-settlement.js";
import { TransparencyLog } from "./services/transparency-log.js";
import { openDirectoryBlobStore } from "./store/blobs/index.js";
import { openDatabase, requireReachable } from "./store/database.js";
import { RunFiles } from "./store/run-files.js";
import { startEmbeddedPostgres } from "./store/embedded/index.js";
import { applyMigrations } from "./store/migrations.js";

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

/** A running pool. */
export interface RunningPool {
  /** Such as http://127.0.0.1:7700. */
  readonly url: string;
  /** Its Ed25519 key in hexadecimal: what agents and requesters pin. */
  readonly key: string;
  /** Resolves when the pool has stopped, with the reason where it had to. */
  readonly ended: Promise<AegisError | undefined>;
  /** Lets requests under way finish, then closes everything. */
  stop(): Promise<void>;
}

const ratingDefaults: RatingOptions = {
  challengeMs: ratingRules.challengeMs,
  challengeSize: ratingRules.challengeSize,
};

const gibibyte = 1024 ** 3;
const blobLimits = {
  maxBlobBytes: 16 * gibibyte,
  maxTotalBytes: 256 * gibibyte,
  maxUnfinishedUploads: 1_000,
  unfinishedExpiryMs: 24 * 3_600_000,
};

/** Valid results in a row that an agent needs to be drawn for committees. */
const leastCommitteeTrust = 10;

/** How often uploads that nobody goes on with are looked for, in ms. */
const uploadsExpiryMs = 3_600_000;

/** How often what is over is looked for, in ms. */
const retentionMs = 6 * 3_600_000;

/** How often bonds and tiers are looked at, in ms. */
const bondsMs = 10_000;

/** How often it is counted who is available, and how often that is written and epochs that are over are closed, in ms; a tenth and a quarter of an epoch where that is less. */
const [countMs, keepMs] = [10_000, 60_000];

/** How often a chain is looked at for deposits, in ms. */
const depositsMs = 5_000;

/** How often federated runs are looked at for who is late, in ms. */
const runsMs = 250;

/** How often checks are looked through for agents that keep silent, and what operators owe is collected, in ms. */
const checksMs = 1_000;

/** Starts a pool; what it needs is opened in order and closed in reverse, also when a later step fails. */
export async function startPool(options: PoolOptions): Promise<RunningPool> {
  const closing: (() => Promise<unknown> | void)[] = [];
  const close = async () => {
    for (const step of closing.toReversed()) await step();
  };
  try {
    return await open(options, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  options: PoolOptions,
  closing: (() => Promise<unknown> | void)[],
  close: () => Promise<void>,
): Promise<RunningPool> {
  const events = new EventEmitter<{ ended: [AegisError | undefined] }>();
  const ended = once(events, "ended").then(([reason]) => reason as AegisError | undefined);
  const stopOnce = onlyOnce(async (reason?: AegisError) => {
    await close();
    events.emit("ended", reason);
  });
  const lost = (error: unknown) => {
    options.log.fatal({ err: error }, "a commit failed");
    void stopOnce(databaseLost(error));
  };

  const database = await openStorage(options, closing, lost);
  const blobs = await openDirectoryBlobStore(join(options.directory, "blobs"), blobLimits, options.clock);
  closing.push(() => blobs.close());
  closing.push(every(uploadsExpiryMs, () => blobs.expire(), lost));
  const commit = new GroupCommit(database, lost);
  closing.push(() => commit.drained());
  const products = new ProductChecks();
  closing.push(() => products.close());
  const services = await openServices(options, { database, blobs, commit }, products);
  closing.push(() => services.market.stop());
  const { bonds, retention, tiers } = services;
  closing.push(every(bondsMs, () => bonds.payDue().then(() => tiers.refresh()), lost));
  const seizures = new Seizures({ ...services, now: services.clock });
  const everyMs = options.ratings === "off" ? undefined : options.ratings?.slotEveryMs;
  const notSwept = (error: unknown) => options.log.error({ err: error }, "the sweep failed");
  closing.push(every(retentionMs, () => retention.sweep(), notSwept));
  closing.push(every(checksMs, () => sweepResults(services).then(() => seizures.collect()), lost));
  closing.push(every(runsMs, () => services.federated.look(), lost));
  const { epochs } = services;
  const { epochMs } = epochs.terms.parameters;
  closing.push(() => epochs.write());
  closing.push(every(Math.min(countMs, epochMs / 10), async () => epochs.look(), lost));
  closing.push(every(Math.min(keepMs, epochMs / 4), () => epochs.keep(), lost));
  watchChain(services, options, closing);
  closing.push(scheduleRatings(services.ratings, { ...services, everyMs }));
  const http = await createHttp(services, options.log, options.tls);
  const sockets = acceptUpgrades(http.server, services);
  closing.push(async () => {
    for (const socket of sockets.clients) socket.close(1001, "the pool stops");
    await http.close();
  });
  const url = await listen(http, options);
  return { url, key: Buffer.from(services.signer.publicKey).toString("hex"), ended, stop: () => stopOnce() };
}

/** At the end the chain is left first: it may stall, and the pool does not. */
function watchChain(
  { settlement }: PoolServices,
  { chain, log }: PoolOptions,
  closing: (() => Promise<unknown> | void)[],
): void {
  if (!settlement) return;
  const failed = (error: unknown) => log.error({ err: error }, "deposits could not be credited");
  closing.push(every(chain?.pollMs ?? depositsMs, () => settlement.poll(), failed));
  closing.push(() => settlement.close());
}

function sweepResults({ checks, judgements }: PoolServices): Promise<void> {
  judgements.sweep();
  return checks.sweep();
}

async function openStorage(
  { directory, database: url, log }: PoolOptions,
  closing: (() => Promise<unknown> | void)[],
  lost: (error: unknown) => void,
): Promise<pg.Pool> {
  if (url !== undefined) await requireReachable(url);
  const connection = url ?? (await startOwnServer());
  const database = openDatabase(connection);
  closing.push(() => database.end());
  await applyMigrations(database);
  return database;

  async function startOwnServer() {
    const server = await startEmbeddedPostgres({
      directory: join(directory, "postgres"),
      log: (line) => log.debug({ postgres: line }, "database"),
    });
    closing.push(() => server.stop());
    void server.ended.then((reason) => reason && lost(reason));
    return server.connection;
  }
}

async function openServices(
  {
    directory,
    log,
    clock = systemClock,
    ratings: given = {},
    testMoney = false,
    chain,
    rewards,
    committeeTrust,
    runPatience: patience,
    attestationRoots = amdRoots,
  }: PoolOptions,
  storage: Pick<PoolServices, "database" | "blobs" | "commit">,
  products: ProductChecks,
): Promise<PoolServices> {
  const signer = await openKeyFile(join(directory, "pool.key"), createEd25519Signer);
  const { database } = storage;
  const transparency = await TransparencyLog.open({ database, signer, primitives, clock });
  const identities = await Identities.open({ database, log: transparency, primitives, pool: signer.publicKey });
  const ledger = new Ledger({ ...storage, clock, testMoney });
  const settling = { ...storage, clock, log, testMoney, pool: toHex(signer.publicKey) };
  const settlement = await openSettlement(settling, chain);
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
    rewards,
  );
  const metrics = createMetrics();
  const options = given === "off" ? given : { ...ratingDefaults, ...given };
  const onRoom = market.matcher.consider.bind(market.matcher);
  const ratings = await Ratings.open(
    { commit: storage.commit, market, log, options, onRoom, primitives, check: products.check.bind(products) },
    database,
  );
  const count = (outcome: JudgementOutcome) => metrics.judgements.inc({ outcome });
  const checking = await openChecks({ ...storage, market, identities, ledger, log, clock }, count);
  const federated = await FederatedRuns.open(
    {
      ...{ ...storage, market, transparency, ledger, clock, log, primitives, signer },
      patience: { ...runPatience, ...patience },
      isTrusted: (agent) => isTrustedBy(checking.checks, agent, committeeTrust),
    },
    new RunFiles(join(directory, "federated")),
  );
  const disputes = new Disputes({ ...storage, ...checking, clock, primitives });
  const retention = new Retention({ ...storage, market, clock, log, parameters });
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

/** Whether an agent has given so many valid results in a row with one of its engines: nobody can check what a committee member does besides. */
function isTrustedBy(checks: PoolServices["checks"], agent: string, least = leastCommitteeTrust): boolean {
  return least === 0 || engineNames.some((engine) => checks.trustOf(agent, engine).valid >= least);
}

async function listen(http: { listen(at: { host: string; port: number }): Promise<string> }, at: PoolOptions) {
  try {
    return await http.listen({ host: at.host, port: at.port });
  } catch (error) {
    if (!hasCode(error, "EADDRINUSE")) throw error;
    throw new AegisError({
      code: "port-in-use",
      message: `Port ${at.port} on ${at.host} is in use.`,
      next: "Stop what listens there, or choose another with --port (0 takes any free one).",
      cause: error,
    });
  }
}

function databaseLost(cause: unknown): AegisError {
  return new AegisError({
    code: "database-lost",
    message: "The pool could not commit to its database and has stopped; nothing acknowledged is lost.",
    next: "See the log for the cause, mend it, and start the pool again: it goes on where it was.",
    cause,
  });
}

function onlyOnce<A extends unknown[]>(action: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  let running: Promise<void> | undefined;
  return (...args) => (running ??= action(...args));
}

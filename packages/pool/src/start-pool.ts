import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { hasCode } from "@aegis-pool/platform";
import type pg from "pg";
import { openServices, type PoolOptions } from "./open-services.js";
import { createHttp } from "./http/server.js";
import { acceptUpgrades } from "./http/upgrades.js";
import { every } from "./services/every.js";
import { GroupCommit } from "./services/group-commit.js";
import type { PoolServices } from "./services/index.js";
import { ProductChecks } from "./services/ratings/product-checks.js";
import { Seizures } from "./services/checks/seizures.js";
import { scheduleRatings } from "./services/ratings/slot-times.js";
import { openDirectoryBlobStore } from "./store/blobs/index.js";
import { openDatabase, requireReachable } from "./store/database.js";
import { startEmbeddedPostgres } from "./store/embedded/index.js";
import { applyMigrations } from "./store/migrations.js";

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

const gibibyte = 1024 ** 3;
const blobLimits = {
  maxBlobBytes: 16 * gibibyte,
  maxTotalBytes: 256 * gibibyte,
  maxUnfinishedUploads: 1_000,
  unfinishedExpiryMs: 24 * 3_600_000,
};

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

import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { AegisError, rewardBounds, rewardDefaults, unfitParameter } from "@aegis-pool/core";
import { type PoolOptions, startPool } from "@aegis-pool/pool";
import type { Command } from "commander";
import { pino } from "pino";
import { formatDuration, parseDuration } from "../durations.js";
import { exitCodeOf } from "../exit-codes.js";
import { poolFolder } from "../home.js";
import { untilInterrupted } from "../interrupts.js";
import { bold, createOutput } from "../terminal/output.js";
import { parseWhole } from "./shared-options.js";

interface PoolFlags {
  readonly port: string;
  readonly host: string;
  readonly data?: string;
  readonly database?: string;
  readonly challenge: string;
  readonly testMoney?: boolean;
  readonly epoch?: string;
  readonly committeeTrust: string;
  readonly chain?: string;
  readonly deposits?: string;
  readonly confirmations: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly logLevel: string;
  readonly json?: boolean;
}

export function addPoolCommand(program: Command): void {
  program
    .command("pool")
    .description("Run a pool: the market server that agents and requesters meet at")
    .option("--port <number>", "port to listen on; 0 takes any free one", "7700")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--data <folder>", "where keys, database and sealed blobs are kept (default: pool in AEGIS_HOME)")
    .option("--database <url>", "use this PostgreSQL instead of the pool's own")
    .option(
      "--challenge <ms>",
      "length of the challenges by which agents prove their speed; shorter proves less",
      "3000",
    )
    .option("--epoch <duration>", "how long an epoch takes, for ever, of a pool that is new (default 1d)")
    .option(
      "--committee-trust <results>",
      "valid results in a row before an agent is drawn for the committees of federated runs; 0: anybody is",
      "10",
    )
    .option("--test-money", "let anybody fill their account with money that is worth nothing")
    .option("--chain <url>", "settle on the EVM chain whose node's JSON-RPC this is; needs --deposits")
    .option("--deposits <address>", "the pool's Deposits contract there, as `deploy-pool` prints it")
    .option("--confirmations <blocks>", "blocks on top of one before what was paid in there is credited", "12")
    .option("--tls-cert <file>", "serve TLS with this certificate (PEM)")
    .option("--tls-key <file>", "and this key (PEM)")
    .option("--log-level <level>", "fatal, error, warn, info or debug: JSON lines on stderr", "warn")
    .option("--json", "say where the pool is as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis pool --port 7700 --data ./my-pool")
    .action(runPool);
}

async function runPool(flags: PoolFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const pool = await startPool({
    directory: flags.data ?? poolFolder(),
    database: flags.database,
    host: flags.host,
    port: parseWhole("--port", flags.port, 0, 65_535),
    tls: await readTls(flags),
    ratings: { challengeMs: parseWhole("--challenge", flags.challenge, 10, 60_000) },
    committeeTrust: parseWhole("--committee-trust", flags.committeeTrust, 0, 1_000_000),
    testMoney: flags.testMoney === true,
    rewards: rewardsOf(flags),
    chain: chainOf(flags),
    log: pino({ level: flags.logLevel, base: null }, pino.destination(2)),
  });
  const { url, key } = pool;
  output.result(
    { url, key },
    `${bold("The pool is open")} at ${url}\n  its key  ${key}\n  lend     aegis agent --pool ${url}\n  buy      aegis run js program.mjs --input 1 --pool ${url}\n  watch    ${url}/metrics   (Ctrl-C stops it)`,
  );
  const reason = await Promise.race([pool.ended, untilInterrupted()]);
  await pool.stop();
  if (!reason) return;
  output.error(reason);
  process.exitCode = exitCodeOf(reason);
}

function chainOf({ chain: url, deposits, confirmations }: PoolFlags): PoolOptions["chain"] {
  const blocks = parseWhole("--confirmations", confirmations, 0, 10_000);
  if (url === undefined && deposits === undefined) return undefined;
  if (url !== undefined && deposits !== undefined && /^0x[0-9a-fA-F]{40}$/.test(deposits)) {
    return { url, deposits, confirmations: blocks };
  }
  throw new AegisError({
    code: "bad-argument",
    message: `To settle on a chain takes a node and a contract; given ${url === undefined ? "is no --chain" : "are --chain"} and --deposits ${deposits}.`,
    next: "Give --chain URL and --deposits 0x… together: `node contracts/dist/deploy-pool.js --help` says how to deploy.",
  });
}

function rewardsOf({ epoch }: PoolFlags): PoolOptions["rewards"] {
  if (epoch === undefined) return undefined;
  const rewards = { ...rewardDefaults, epochMs: parseDuration(epoch) };
  if (!unfitParameter(rewards)) return rewards;
  const [least, most] = rewardBounds.epochMs.map(formatDuration);
  throw new AegisError({
    code: "bad-argument",
    message: `--epoch is "${epoch}"; an epoch takes ${least} at least and ${most} at most.`,
    next: "Give another, or leave it out: a day.",
  });
}

async function readTls({ tlsCert, tlsKey }: PoolFlags) {
  if (!tlsCert && !tlsKey) return undefined;
  if (tlsCert && tlsKey) return readPair(tlsCert, tlsKey);
  throw new AegisError({
    code: "bad-argument",
    message: "TLS needs both a certificate and its key.",
    next: "Give --tls-cert and --tls-key together.",
  });
}

async function readPair(certificate: string, privateKey: string): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    const files = { cert: await readFile(certificate), key: await readFile(privateKey) };
    createSecureContext(files);
    return files;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AegisError({
      code: "bad-argument",
      message: `${certificate} and ${privateKey} cannot be used for TLS: ${why}.`,
      next: "Give files in PEM form that the pool can read: a certificate, and the key that belongs to it.",
      cause,
    });
  }
}

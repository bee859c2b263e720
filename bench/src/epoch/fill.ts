import { randomBytes } from "node:crypto";
import {
  chargeOf,
  epochOf,
  receiptStatement,
  type ReceiptStatement,
  rewardDefaults,
  signStatements,
  toCbor,
  writtenParameters,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { openTrading } from "@aegis-pool/pool";
import type pg from "pg";
import { seededRandom } from "../random.js";

/** How much an epoch has. */
export interface EpochSize {
  readonly receipts: number;
  /** Operators, each with an agent that was available and a payout address of its own. */
  readonly accounts: number;
  /** Its number. */
  readonly epoch: number;
  readonly seed: number;
}

/** Receipts that are signed and written at a time. */
const batch = 1_000;
const price = 3_087;

/** Fills a new pool's database with an epoch that is over and not closed, as if all of it had happened. */
export async function fillEpoch(directory: string, size: EpochSize): Promise<void> {
  const trading = await openTrading(directory, (error) => {
    throw error;
  });
  try {
    await fill(trading.database, size);
  } finally {
    await trading.close();
  }
}

async function fill(database: pg.Pool, size: EpochSize): Promise<void> {
  const client = await database.connect();
  try {
    // nothing of the tasks, agents and log entries that these rows belong to is read when an epoch is closed
    await client.query("SET session_replication_role = replica");
    const { start } = epochOf(size.epoch, rewardDefaults);
    const parameters = JSON.stringify(writtenParameters(rewardDefaults));
    await client.query("INSERT INTO reward_terms (genesis, parameters) VALUES ($1, $2)", [start, parameters]);
    const operators = Array.from({ length: size.accounts }, () => randomBytes(32));
    for (let at = 0; at < size.accounts; at += batch) {
      await attend(client, operators.slice(at, at + batch), { ...size, askedAt: start - 7 * rewardDefaults.epochMs });
    }
    for await (const receipts of signedReceipts(operators, size)) await pay(client, receipts);
  } finally {
    await client.query("SET session_replication_role = origin");
    client.release();
  }
}

async function attend(
  client: pg.PoolClient,
  operators: readonly Buffer[],
  { epoch, askedAt }: { readonly epoch: number; readonly askedAt: number },
): Promise<void> {
  await client.query(
    `INSERT INTO attendances (epoch, agent, operator, salt, connected, available, offered, missed)
     SELECT $1, agent, operator, substr(agent, 1, 16), 864000000000, 864000000000, 100, 0
     FROM unnest($2::bytea[], $3::bytea[]) AS new (agent, operator)`,
    [epoch, operators.map(() => randomBytes(32)), operators],
  );
  await client.query(
    `INSERT INTO payout_changes (operator, sequence, address, change, asked_at, log_index)
     SELECT operator, 1, address, '', $1, 0 FROM unnest($2::bytea[], $3::bytea[]) AS new (operator, address)`,
    [askedAt, operators, operators.map(() => randomBytes(20))],
  );
}

interface NewReceipt {
  readonly number: number;
  readonly receipt: Uint8Array;
}

async function* signedReceipts(
  operators: readonly Buffer[],
  { receipts, seed }: EpochSize,
): AsyncGenerator<NewReceipt[]> {
  const [signer, random] = [createEd25519Signer(), seededRandom(seed)];
  const some = (most: number) => Math.floor(random() * most);
  const receiptOf = (number: number): ReceiptStatement => {
    const work = 1_000_000 + some(600_000_000);
    const { charge, reward, fee } = chargeOf(work, BigInt(price));
    const operator = operators[some(operators.length)] ?? randomBytes(32);
    const parties = { pool: signer.publicKey, agent: randomBytes(32), operator, run: randomBytes(32) };
    const amounts = { charge: String(charge), reward: String(reward), fee: String(fee) };
    return {
      number,
      fence: 1,
      ...parties,
      work,
      price: String(price),
      ...amounts,
      payment: "paid",
      issuedAt: Date.now(),
    };
  };
  for (let first = 1; first <= receipts; first += batch) {
    const numbers = Array.from({ length: Math.min(batch, receipts - first + 1) }, (_, at) => first + at);
    const signed = signStatements(receiptStatement, numbers.map(receiptOf), signer, primitives);
    yield numbers.map((number, at) => ({ number, receipt: toCbor(signed[at]) }));
  }
}

async function pay(client: pg.PoolClient, receipts: readonly NewReceipt[]): Promise<void> {
  await client.query({
    name: "fill-outcomes",
    text: `INSERT INTO outcomes (number, job, sequence, state, receipt)
           SELECT number, '\\x00', number, 'completed', receipt FROM unnest($1::bigint[], $2::bytea[]) AS new (number, receipt)`,
    values: [receipts.map(({ number }) => number), receipts.map(({ receipt }) => Buffer.from(receipt))],
  });
}

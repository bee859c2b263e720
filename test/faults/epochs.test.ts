import { join } from "node:path";
import { epochStatement, fromCbor, readStatement, type Signed, type VerifiedEpoch } from "@aegis-pool/core";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Account, downloadEpoch, listEpochs, verifyEpochFile } from "../../packages/sdk/src/index.js";
import { newPoolDatabase, type TestDatabase } from "../fixtures/postgres.js";
import { type AgentLink, ScriptedAgent } from "../fixtures/scripted-agent.js";
import { temporaryDirectory } from "../fixtures/temporary.js";
import { KillablePool } from "./children/killable-pool.js";

const epochMs = 1_000;
const wallet = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
/** Any number that nothing in a pool takes. */
const gate = 4_711;

let pool: KillablePool;
let database: TestDatabase;
let client: pg.Client;
let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  [database, folder] = [await newPoolDatabase(), await temporaryDirectory()];
  client = new pg.Client(database.url);
  await client.connect();
  await client.query(
    `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       PERFORM pg_advisory_xact_lock(${gate}); RETURN NULL; END $$`,
  );
  pool = await KillablePool.start({ database: database.url, epochMs });
});
afterAll(async () => {
  await pool.remove();
  await client.end();
  await Promise.all([database.remove(), folder.remove()]);
});

/** What a closing does to the database, in order; the pool is killed while it waits there. */
const steps = [
  ["epochs", "INSERT"],
  ["epoch_parts", "INSERT"],
  ["transfers", "INSERT"],
  ["epoch_payouts", "INSERT"],
  ["epochs", "UPDATE OF is_paid_out"],
  ["log_entries", "INSERT"],
  ["epochs", "UPDATE OF statement"],
  ["operator_earnings", "INSERT"],
  ["address_claims", "INSERT"],
] as const;

it("an epoch whose pool is killed at any step is closed by the next one, and all epochs together pay each nAIS once", async () => {
  const agent = await provenAgent();
  const account = () => new Account(pool.client, agent.keys.operator);
  await account().setPayout(wallet);
  for (const [table, event] of steps) {
    await connect(agent);
    await killedAt(table, event);
    await pool.restart();
  }
  const link = await connect(agent);
  const killed = await newest();
  await expect.poll(newest).toBeGreaterThan(killed);
  await link.close();
  // the epoch that runs is closed in a moment, and no other follows, since nobody is here
  await expect.poll(() => beyondEpochs(account())).toEqual({ issued: 0n, paidOut: 0n, earned: 0n, sum: 0n });
  expect(BigInt((await verifiedAll()).at(-1)?.statement.claimable ?? 0)).toBeGreaterThan(0n);
});

/** An agent that has proven 1 SCU. */
async function provenAgent(): Promise<ScriptedAgent> {
  const agent = await ScriptedAgent.enrolled(pool.forAgents);
  await client.query(
    `INSERT INTO ratings (agent, rated_at, reason, class, slots, fp32, memory, proven_at, slot_speed, expires_at)
     VALUES ($1, 0, 'proven', 'cpu', 1, 16000000000000, 200000000000, 1, 1000000, 4000000000000000)`,
    [agent.keys.agent.publicKey],
  );
  await pool.killAndRestart(); // ratings are read when a pool starts
  return agent;
}

/** Here, and ready to work. */
async function connect(agent: ScriptedAgent): Promise<AgentLink> {
  const link = await agent.connect();
  link.send({ type: "capacity", leases: 1 });
  return link;
}

/** The pool comes to a step and waits there; it is killed, and only then may its database go on. */
async function killedAt(table: string, event: string): Promise<void> {
  await client.query(`SELECT pg_advisory_lock(${gate})`);
  await client.query(`CREATE TRIGGER waits BEFORE ${event} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION wait()`);
  await expect.poll(waiting).toBeGreaterThan(0);
  await pool.kill();
  await client.query(`SELECT pg_advisory_unlock(${gate})`);
  await expect.poll(waiting).toBe(0);
  await client.query(`DROP TRIGGER waits ON ${table}`);
}

async function waiting(): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${gate} AND NOT granted`,
  );
  return Number(rows[0]?.count);
}

async function newest(): Promise<number> {
  return (await listEpochs(pool.client)).epochs[0]?.number ?? 0;
}

/** nAIS in the books that no closed epoch accounts for: issued, paid out to addresses, earned; and what all accounts come to. */
async function beyondEpochs(account: Account) {
  const { totals, sum } = await pool.client.books();
  const statements = (await listEpochs(pool.client)).epochs.map(({ statement }) => {
    const signed = fromCbor(Buffer.from(statement, "base64url")) as Signed;
    return readStatement(epochStatement, signed);
  });
  const inAll = (name: "issued" | "earned") => statements.reduce((all, one) => all + BigInt(one?.[name] ?? 0), 0n);
  const claimable = totals.get("claimable") ?? 0n;
  return {
    issued: -(totals.get("emission") ?? 0n) - inAll("issued"),
    paidOut: claimable - BigInt(statements[0]?.claimable ?? 0),
    earned: claimable + (await account.balance("operator")) - inAll("earned"),
    sum,
  };
}

/** All epochs that are closed, each verified to follow the one before. */
async function verifiedAll(): Promise<VerifiedEpoch[]> {
  const all: VerifiedEpoch[] = [];
  for (const { number } of (await listEpochs(pool.client)).epochs.toReversed()) {
    const path = join(folder.path, `${number}.jsonl`);
    await downloadEpoch(pool.client, number, path);
    all.push(await verifyEpochFile(path, { pool: pool.client.key, previous: all.at(-1) }));
  }
  expect(all[0]?.header.previous).toBe("0".repeat(64));
  return all;
}

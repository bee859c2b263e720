import type { EpochTotals } from "@aegis-pool/core";
import type pg from "pg";
import { writeTotals } from "./epoch-totals.js";

/** What an agent was good for in an epoch so far. */
export interface AttendanceRow {
  readonly epoch: number;
  readonly agent: Uint8Array;
  readonly operator: Uint8Array;
  readonly salt: Uint8Array;
  /** µSCU-seconds with a proven speed, and of these those at a price that counts and ready to work. */
  readonly connected: number;
  readonly available: number;
  readonly offered: number;
  readonly missed: number;
}

/** By what the pool pays, once for ever: what is given where nothing was. */
export async function rewardTerms(
  database: pg.Pool,
  given: { readonly genesis: number; readonly parameters: string },
): Promise<{ readonly genesis: number; readonly parameters: string }> {
  await database.query("INSERT INTO reward_terms (genesis, parameters) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
    given.genesis,
    given.parameters,
  ]);
  const { rows } = await database.query<{ genesis: number; parameters: string }>(
    "SELECT genesis, parameters FROM reward_terms",
  );
  return rows[0] ?? given;
}

/** Keeps what is known of these agents, in place of what was; but for epochs whose rows are known already. */
export async function writeAttendances(client: pg.PoolClient, all: readonly AttendanceRow[]): Promise<void> {
  await client.query({
    name: "write-attendances",
    text: `INSERT INTO attendances (epoch, agent, operator, salt, connected, available, offered, missed)
           SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[], $7::integer[], $8::integer[])
             AS new (epoch, agent, operator, salt, connected, available, offered, missed)
           WHERE NOT EXISTS (SELECT FROM epochs WHERE number = epoch)
           ON CONFLICT (epoch, agent) DO UPDATE
           SET connected = excluded.connected, available = excluded.available, offered = excluded.offered, missed = excluded.missed`,
    values: [
      all.map(({ epoch }) => epoch),
      all.map(({ agent }) => agent),
      all.map(({ operator }) => operator),
      all.map(({ salt }) => salt),
      all.map(({ connected }) => connected),
      all.map(({ available }) => available),
      all.map(({ offered }) => offered),
      all.map(({ missed }) => missed),
    ],
  });
}

/** What is known of the agents of one epoch, in the order of their keys. */
export async function attendancesOf(database: pg.Pool, epoch: number): Promise<AttendanceRow[]> {
  const { rows } = await database.query<AttendanceRow>(
    "SELECT epoch, agent, operator, salt, connected, available, offered, missed FROM attendances WHERE epoch = $1 ORDER BY agent",
    [epoch],
  );
  return rows;
}

/** An operator's own agents in one epoch. */
export async function ownAttendances(database: pg.Pool, operator: Uint8Array, epoch: number): Promise<AttendanceRow[]> {
  const { rows } = await database.query<AttendanceRow>(
    `SELECT epoch, agent, operator, salt, connected, available, offered, missed FROM attendances
     WHERE epoch = $1 AND operator = $2 ORDER BY agent`,
    [epoch, operator],
  );
  return rows;
}

/** The oldest epoch before `before` and after the last closed one in which anybody was counted, or that was begun to be closed. */
export async function epochToClose(database: pg.Pool, before: number): Promise<number | undefined> {
  const { rows } = await database.query<{ number: number | null }>(
    `SELECT min(number) AS number FROM (
       SELECT number FROM epochs WHERE statement IS NULL
       UNION ALL SELECT epoch FROM attendances WHERE epoch < $1
         AND epoch > (SELECT coalesce(max(number), -1) FROM epochs WHERE statement IS NOT NULL)) AS open`,
    [before],
  );
  return rows[0]?.number ?? undefined;
}

/** An epoch whose rows are known: all that is paid up to these lines. */
export interface FrozenEpoch {
  readonly number: number;
  readonly lastLine: number;
  readonly lastSettled: number;
  readonly referencePrice: number;
}

/** An epoch that is closed. */
export interface ClosedEpoch extends FrozenEpoch {
  readonly nextPrice: number;
  /** CBOR of the signed statement. */
  readonly statement: Uint8Array;
  readonly logIndex: number;
  readonly claimsPart: number;
}

const frozen = `number, last_line AS "lastLine", last_settled AS "lastSettled", reference_price AS "referencePrice"`;
const closed = `${frozen}, next_price AS "nextPrice", statement, log_index AS "logIndex", claims_part AS "claimsPart"`;

/** From now on it is known what this epoch pays for. `client` is in the lane in which outcomes and settlements are written, so none is half written. */
export async function freezeEpoch(client: pg.PoolClient, number: number, referencePrice: number): Promise<FrozenEpoch> {
  await client.query(
    `INSERT INTO epochs (number, last_line, last_settled, reference_price)
     SELECT $1, greatest((SELECT max(line) FROM outcomes WHERE receipt IS NOT NULL), max(last_line), 0),
       greatest((SELECT max(settled_line) FROM held_results), max(last_settled), 0), $2 FROM epochs
     ON CONFLICT DO NOTHING`, // never below the epoch before: what was paid long ago is deleted
    [number, referencePrice],
  );
  const { rows } = await client.query<FrozenEpoch>(`SELECT ${frozen} FROM epochs WHERE number = $1`, [number]);
  const [row] = rows;
  if (!row) throw new TypeError(`epoch ${number} is not there`);
  return row;
}

/** The newest epoch that is closed or being closed: nothing is counted in it any more. -1 before the first. */
export async function newestFrozen(database: pg.Pool): Promise<number> {
  const { rows } = await database.query<{ number: number }>("SELECT coalesce(max(number), -1) AS number FROM epochs");
  return rows[0]?.number ?? -1;
}

/** The newest closed epoch below `before`; undefined where there is none. */
export async function closedBefore(database: pg.Pool, before: number): Promise<ClosedEpoch | undefined> {
  const { rows } = await database.query<ClosedEpoch>(
    `SELECT ${closed} FROM epochs WHERE number < $1 AND statement IS NOT NULL ORDER BY number DESC LIMIT 1`,
    [before],
  );
  return rows[0];
}

/** Up to `limit` closed epochs below `before`, the newest first. */
export async function closedEpochs(database: pg.Pool, before: number, limit: number): Promise<ClosedEpoch[]> {
  const { rows } = await database.query<ClosedEpoch>(
    `SELECT ${closed} FROM epochs WHERE number < $1 AND statement IS NOT NULL ORDER BY number DESC LIMIT $2`,
    [before, limit],
  );
  return rows;
}

/** What was paid at once, some lines at a time. */
export interface PaidRow {
  readonly line: number;
  /** CBOR of the signed receipt. */
  readonly receipt: Uint8Array;
}

/** How many receipts there are after one line and up to another. */
export async function countReceipts(database: pg.Pool, [after, last]: readonly [number, number]): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    "SELECT count(*) AS count FROM outcomes WHERE line > $1 AND line <= $2 AND receipt IS NOT NULL",
    [after, last],
  );
  return rows[0]?.count ?? 0;
}

/** Receipts after one line and up to another, at most `limit`. */
export async function receiptsBetween(
  database: pg.Pool,
  [after, last]: readonly [number, number],
  limit: number,
): Promise<PaidRow[]> {
  const { rows } = await database.query<PaidRow>({
    name: "receipts-between",
    text: `SELECT line, receipt FROM outcomes WHERE line > $1 AND line <= $2 AND receipt IS NOT NULL ORDER BY line LIMIT $3`,
    values: [after, last, limit],
  });
  return rows;
}

/** One part of an epoch's public file. */
export async function writePart(database: pg.Pool, epoch: number, part: number, text: Uint8Array): Promise<void> {
  await database.query(
    "INSERT INTO epoch_parts (epoch, part, text) VALUES ($1, $2, $3) ON CONFLICT (epoch, part) DO UPDATE SET text = excluded.text",
    [epoch, part, text],
  );
}

/** undefined after the last part. */
export async function readPart(database: pg.Pool, epoch: number, part: number): Promise<Uint8Array | undefined> {
  const { rows } = await database.query<{ text: Buffer }>(
    "SELECT text FROM epoch_parts WHERE epoch = $1 AND part = $2",
    [epoch, part],
  );
  return rows[0]?.text;
}

/** How an epoch was closed. */
export interface Closing {
  readonly number: number;
  readonly nextPrice: number;
  readonly statement: Uint8Array;
  readonly logIndex: number;
  /** Of its file, from which on lines are of addresses. */
  readonly claimsPart: number;
  readonly totals: EpochTotals;
}

/** The epoch is closed; `client` is in the transaction of its entry in the log. */
export async function closeEpoch(client: pg.PoolClient, closing: Closing): Promise<void> {
  const { number, nextPrice, statement, logIndex, claimsPart, totals } = closing;
  await client.query(
    "UPDATE epochs SET next_price = $2, statement = $3, log_index = $4, claims_part = $5 WHERE number = $1",
    [number, nextPrice, statement, logIndex, claimsPart],
  );
  await writeTotals(client, totals);
}

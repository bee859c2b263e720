import { judge, noJudgements, toHex } from "@aegis-pool/core";
import type pg from "pg";
import type { WriteKind } from "../services/group-commit.js";

/** What a requester has made of one task's runs. */
export interface Judgement {
  /** The job's key. */
  readonly job: Uint8Array;
  /** How many runs it accepts, and how many it rejects. */
  readonly accepted: number;
  readonly rejected: number;
}

/** What is kept of a requester, by the account that reserved for its jobs. */
interface RecordRow {
  readonly payer: string;
  readonly judged: number;
  readonly rejected: number;
  /** Of the rejected, those that it paid for all the same. */
  readonly charged: number;
}

/** Adds judgements to their requesters' records; @returns of each whether what it rejects is within a fair part. */
export const recordJudgement: WriteKind<Judgement, boolean> = {
  order: 8,
  async write(client, judgements) {
    const payers = await payersOf(
      client,
      judgements.map(({ job }) => escrowOf(job)),
    );
    const records = await recordsOf(client, [...new Set(payers.values())]);
    const answers = judgements.map((judgement) => {
      const payer = payers.get(escrowOf(judgement.job));
      if (payer === undefined) return true; // nobody has set anything aside: there is nothing to refund either
      const before = records.get(payer) ?? { payer, charged: 0, ...noJudgements };
      const { record, isFair } = judge(before, judgement);
      records.set(payer, { ...before, ...record, charged: before.charged + (isFair ? 0 : judgement.rejected) });
      return isFair;
    });
    await writeRecords(client, [...records.values()]);
    return answers;
  },
};

function escrowOf(job: Uint8Array): string {
  return `escrow:${toHex(job)}`;
}

async function payersOf(client: pg.PoolClient, escrows: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; payer: string }>({
    name: "payers-of",
    text: "SELECT name, payer FROM accounts WHERE name = ANY($1::text[]) AND payer IS NOT NULL",
    values: [escrows],
  });
  return new Map(rows.map(({ name, payer }) => [name, payer]));
}

async function recordsOf(client: pg.PoolClient, payers: readonly string[]): Promise<Map<string, RecordRow>> {
  const { rows } = await client.query<RecordRow>({
    name: "judgement-records-of",
    text: "SELECT payer, judged, rejected, charged FROM judgement_records WHERE payer = ANY($1::text[])",
    values: [payers],
  });
  return new Map(rows.map((row) => [row.payer, row]));
}

async function writeRecords(client: pg.PoolClient, rows: readonly RecordRow[]): Promise<void> {
  const column = <K extends keyof RecordRow>(key: K) => rows.map((row) => row[key]);
  await client.query({
    name: "write-judgement-records",
    text: `INSERT INTO judgement_records (payer, judged, rejected, charged)
           SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[])
           ON CONFLICT (payer) DO UPDATE
             SET judged = excluded.judged, rejected = excluded.rejected, charged = excluded.charged`,
    values: [column("payer"), column("judged"), column("rejected"), column("charged")],
  });
}

import type { Books } from "@aegis-pool/pool";

/** Durable commits of bare rows: the bytes of transfers, without indices, checks or balances. */
export interface BareTable {
  /** One commit of so many rows; @returns how many. */
  insert(rows: number): Promise<number>;
}

/** As long as a task's number. */
const key = Buffer.alloc(8);

export async function bareTable(database: Books["database"]): Promise<BareTable> {
  await database.query(`CREATE TABLE bench_rows (
    id bigint GENERATED ALWAYS AS IDENTITY, debit bigint, kind smallint, key bytea, credit bigint, amount bigint, at bigint)`);
  return {
    async insert(rows) {
      const column = <T>(value: T): T[] => Array.from({ length: rows }, () => value);
      await database.query({
        name: "bench-rows",
        text: `INSERT INTO bench_rows (debit, kind, key, credit, amount, at)
               SELECT debit, kind, key, credit, amount, $6
               FROM unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::bigint[], $5::bigint[])
                 AS new (debit, kind, key, credit, amount)`,
        values: [column(20), column(2), column(key), column(30), column(1_000), 1_000],
      });
      return rows;
    },
  };
}

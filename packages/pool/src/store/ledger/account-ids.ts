import type { Account, AccountOf } from "@aegis-pool/core";
import type pg from "pg";

/** What never changes about an account. */
export interface KnownAccount {
  readonly id: number;
  readonly payer: AccountOf<"requester"> | undefined;
}

/** Accounts that are remembered, at most; then all are forgotten, and read again as they are needed. */
const mostRemembered = 200_000;

/** The numbers of accounts in the database. They never change, so that each is read once. */
export class AccountIds {
  readonly #known = new Map<Account, KnownAccount>();

  /** Those of `names` that are there. */
  async find(client: pg.PoolClient, names: Iterable<Account>): Promise<Map<Account, KnownAccount>> {
    const found = new Map<Account, KnownAccount>();
    const unknown: Account[] = [];
    for (const name of new Set(names)) {
      const known = this.#known.get(name);
      if (known) found.set(name, known);
      else unknown.push(name);
    }
    for (const [name, account] of await read(client, unknown)) {
      found.set(name, account);
      this.#remember(name, account);
    }
    return found;
  }

  #remember(name: Account, account: KnownAccount): void {
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(name, account);
  }
}

async function read(client: pg.PoolClient, names: readonly Account[]): Promise<[Account, KnownAccount][]> {
  if (names.length === 0) return [];
  const { rows } = await client.query<{ id: number; name: Account; payer: AccountOf<"requester"> | null }>({
    name: "accounts-named",
    text: "SELECT id, name, payer FROM accounts WHERE name = ANY($1::text[])",
    values: [names],
  });
  return rows.map(({ id, name, payer }) => [name, { id, payer: payer ?? undefined }]);
}

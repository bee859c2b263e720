import type pg from "pg";

/** Something that was done, as it was signed. */
export interface ActionRow {
  readonly id: number;
  readonly admin: Buffer;
  /** CBOR of the signed statement. */
  readonly action: Buffer;
  /** ms since 1970. */
  readonly at: number;
}

/** Everything that was done, the oldest first. */
export async function adminActions(database: pg.Pool): Promise<ActionRow[]> {
  const { rows } = await database.query<ActionRow>("SELECT id, admin, action, at FROM admin_actions ORDER BY id");
  return rows;
}

/** The last `limit` things that were done, the newest first. */
export async function lastAdminActions(database: pg.Pool, limit: number): Promise<ActionRow[]> {
  const text = "SELECT id, admin, action, at FROM admin_actions ORDER BY id DESC LIMIT $1";
  return (await database.query<ActionRow>(text, [limit])).rows;
}

/** Writes down what is done; @returns false where the same admin has used the key before */
export async function insertAdminAction(
  database: pg.Pool,
  { admin, key, action, at }: { admin: Uint8Array; key: Uint8Array; action: Uint8Array; at: number },
): Promise<boolean> {
  const text = "INSERT INTO admin_actions (admin, key, action, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
  return (await database.query(text, [admin, key, action, at])).rowCount === 1;
}

/** Whether the admin has used the key before. */
export async function isKnownAction(database: pg.Pool, admin: Uint8Array, key: Uint8Array): Promise<boolean> {
  const text = "SELECT FROM admin_actions WHERE admin = $1 AND key = $2";
  return (await database.query(text, [admin, key])).rowCount === 1;
}

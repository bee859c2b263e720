import { readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Durable commits of one row each, on a pool's own database. */
export interface Commits {
  commitOne(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a second connection to the database that the pool in `directory` started. It listens on a Unix socket there, so
 * this works wherever the pool itself uses one (not on Windows).
 */
export async function openCommits(directory: string): Promise<Commits> {
  const host = join(directory, "postgres", "data");
  const port = (await readdir(host)).map((name) => /^\.s\.PGSQL\.(\d+)$/.exec(name)?.[1]).find(Boolean);
  const client = new pg.Client({ host, port: Number(port), user: "aegis", database: "postgres" });
  await client.connect();
  await client.query("CREATE TABLE IF NOT EXISTS bench_commits (at timestamptz NOT NULL)");
  return {
    commitOne: async () => void (await client.query("INSERT INTO bench_commits VALUES (now())")),
    close: () => client.end(),
  };
}

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { startEmbeddedPostgres } from "../../src/store/embedded/index.js";
import { resizeDisk, tinyDisk, whyNoTinyDisk } from "./tiny-disk.js";

const reason = whyNoTinyDisk();
if (reason !== undefined) console.warn(`skipped, the embedded database on a full disk: ${reason}`);

describe.skipIf(reason !== undefined)("an embedded PostgreSQL on a full disk", () => {
  test("says so when the database does not fit, and leaves nothing half made", async () => {
    const directory = join(await tinyDisk(16e6), "database");
    await expect(startEmbeddedPostgres({ directory })).rejects.toMatchObject({ code: "disk-full" });
    expect((await readdir(directory)).filter((name) => name.startsWith("data"))).toEqual([]);
  });

  test("loses no acknowledged row, and goes on once there is room", async () => {
    const disk = await tinyDisk(72e6);
    const database = await startEmbeddedPostgres({ directory: join(disk, "database") });
    const client = new pg.Client(database.connection);
    client.on("error", () => undefined);
    await client.connect();
    await client.query("CREATE TABLE kept (filler text)");
    let acknowledged = 0;
    const insert = "INSERT INTO kept SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 30000)";
    await expect(
      (async () => {
        for (; ; acknowledged++) await client.query(insert);
      })(),
    ).rejects.toThrow(/No space left on device|terminated/);
    await client.end();
    await database.stop();
    expect(acknowledged).toBeGreaterThan(0);
    resizeDisk(disk, 300e6);
    const again = await startEmbeddedPostgres({ directory: join(disk, "database") });
    const second = new pg.Client(again.connection);
    await second.connect();
    const { rows } = await second.query<{ count: number }>("SELECT count(*)::int AS count FROM kept");
    expect(rows[0]?.count).toBeGreaterThanOrEqual(acknowledged);
    await second.end();
    await again.stop();
  });
});

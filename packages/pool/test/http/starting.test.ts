import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { primitives } from "@aegis-pool/platform";
import { expect, it, onTestFinished } from "vitest";
import { newDatabase } from "../../../../test/fixtures/postgres.js";
import { PoolClient } from "../../../../test/fixtures/test-pool.js";
import { recordingLog } from "../../../../test/fixtures/recording-log.js";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { startPool } from "../../src/index.js";
import { resizeDisk, tinyDisk, whyNoTinyDisk } from "../store/tiny-disk.js";

const reason = whyNoTinyDisk();
if (reason !== undefined) console.warn(`skipped, uploads to a full disk: ${reason}`);

async function poolDirectory(): Promise<string> {
  const temporary = await temporaryDirectory();
  onTestFinished(() => temporary.remove());
  return join(temporary.path, "pool");
}

it("a port that is in use is named, and the directory is left free for the next start", async () => {
  const occupant = createServer().listen(0, "127.0.0.1");
  await once(occupant, "listening");
  const { port } = occupant.address() as { port: number };
  const options = { directory: await poolDirectory(), host: "127.0.0.1", log: recordingLog() };
  await expect(startPool({ ...options, port })).rejects.toMatchObject({ code: "port-in-use" });
  const pool = await startPool({ ...options, port: 0 });
  await pool.stop();
  occupant.close();
});

it.skipIf(reason !== undefined)(
  "a full disk is named to the uploader, and the upload goes on when there is room",
  async () => {
    const directory = await poolDirectory();
    await mkdir(directory);
    const disk = await tinyDisk(1_000_000);
    await symlink(disk, join(directory, "blobs"));
    const database = await newDatabase();
    onTestFinished(() => database.remove());
    const at = { host: "127.0.0.1", port: 0 };
    const pool = await startPool({ ...at, directory, database: database.url, log: recordingLog() });
    const client = await PoolClient.connect(pool.url);
    const small = await client.upload(primitives.randomBytes(1_000));
    const large = primitives.randomBytes(3_000_000);
    await expect(client.upload(large)).rejects.toMatchObject({ code: "disk-full", status: 507 });
    expect((await client.download(small, 2_000)).length).toBe(1_000);
    resizeDisk(disk, 10_000_000);
    const hash = await client.upload(large);
    expect(Buffer.compare(await client.download(hash, 4_000_000), large)).toBe(0);
    await pool.stop();
  },
);

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type BlobStore, openDirectoryBlobStore } from "../../src/store/blobs/index.js";
import { blobStoreContract } from "./blob-store-contract.js";
import { holds, pieces, sealedBytes, upload } from "./blobs.js";
import { startChild } from "./child-process.js";
import { temporaryDirectory } from "./temporary.js";
import { tinyDisk, whyNoTinyDisk } from "./tiny-disk.js";

const limits = { maxBlobBytes: 2e8, maxTotalBytes: 1e9, maxUnfinishedUploads: 8, unfinishedExpiryMs: 60_000 };

blobStoreContract("a directory", async (own, now) => openDirectoryBlobStore(await temporaryDirectory(), own, now));

async function opened(directory: string): Promise<BlobStore> {
  const store = await openDirectoryBlobStore(directory, limits);
  onTestFinished(() => store.close());
  return store;
}

/** The prototype of Node.js' file handles, to make one of their operations fail. */
async function fileHandlePrototype(): Promise<Awaited<ReturnType<typeof open>>> {
  const handle = await open("/dev/null");
  await handle.close();
  return Object.getPrototypeOf(handle) as Awaited<ReturnType<typeof open>>;
}

const noSpace = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

describe("a directory of blobs", () => {
  test("keeps complete blobs, and unfinished ones where they stood, for the next process", async () => {
    const [directory, kept, begun] = [await temporaryDirectory(), sealedBytes(700), sealedBytes(900)];
    const first = await openDirectoryBlobStore(directory, limits);
    await upload(first, kept.id, kept.bytes);
    await first.append(begun.id, 0, pieces(begun.bytes.subarray(0, 123)));
    await first.close();
    const second = await opened(directory);
    expect(second.usage()).toEqual({ completeBytes: 700, unfinishedBytes: 123, unfinishedUploads: 1 });
    await second.append(begun.id, 123, pieces(begun.bytes.subarray(123)));
    await second.complete(begun.id);
    expect(await holds(second, begun.id, begun.bytes)).toBe(true);
    expect(await holds(second, kept.id, kept.bytes)).toBe(true);
  });

  test("survives kill -9 in the middle of an upload, which goes on where it stood", async () => {
    const directory = await temporaryDirectory();
    const bytes = Buffer.concat([Buffer.alloc(200_000, "a"), sealedBytes(100_000).bytes]);
    const id = createHash("sha256").update(bytes).digest("hex");
    const child = startChild("upload", [directory, "200000", id]);
    expect(await child.line()).toBe("written");
    await child.kill();
    const store = await opened(directory);
    expect(await store.size(id)).toBeUndefined();
    const offset = await store.offset(id);
    expect(offset).toBe(200_000);
    await store.append(id, offset, pieces(bytes.subarray(offset)));
    await store.complete(id);
    expect(await holds(store, id, bytes)).toBe(true);
  });

  test("removes at opening what was left unfinished for too long", async () => {
    const [directory, { id, bytes }] = [await temporaryDirectory(), sealedBytes(900)];
    const first = await openDirectoryBlobStore(directory, limits);
    await first.append(id, 0, pieces(bytes));
    await first.close();
    const later = (): number => Date.now() + limits.unfinishedExpiryMs + 60_000;
    const second = await openDirectoryBlobStore(directory, limits, later);
    expect(second.usage().unfinishedUploads).toBe(0);
    await second.close();
    expect(await readdir(join(directory, "unfinished"))).toEqual([]);
  });

  test("belongs to one process at a time", async () => {
    const directory = await temporaryDirectory();
    await opened(directory);
    await expect(openDirectoryBlobStore(directory, limits)).rejects.toMatchObject({ code: "directory-in-use" });
  });

  test("is readable by nobody else", async () => {
    const [directory, { id, bytes }] = [await temporaryDirectory(), sealedBytes(10)];
    await upload(await opened(directory), id, bytes);
    for (const path of ["complete", "unfinished", join("complete", id)]) {
      expect((await stat(join(directory, path))).mode & 0o077).toBe(0);
    }
  });

  test("holds no blob in memory, however large", async () => {
    const store = await opened(await temporaryDirectory());
    const chunk = Buffer.alloc(1 << 20, 7);
    const chunks = 180; // far more than what is garbage and not collected yet
    const hash = createHash("sha256");
    for (let count = 0; count < chunks; count++) hash.update(chunk);
    const id = hash.digest("hex");
    let peakBytes = 0;
    async function* large() {
      for (let count = 0; count < chunks; count++) {
        peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers);
        yield Buffer.from(chunk);
      }
    }
    const before = process.memoryUsage().arrayBuffers;
    await store.append(id, 0, large());
    await store.complete(id);
    expect(peakBytes - before).toBeLessThan((chunks / 2) * chunk.length);
  });

  test("lets a reader finish a blob that is removed meanwhile", async () => {
    const [store, { id, bytes }] = [await opened(await temporaryDirectory()), sealedBytes(300_000)];
    await upload(store, id, bytes);
    const reader = await store.read(id);
    await store.remove(id);
    expect(bytes.equals(await buffer(reader))).toBe(true);
  });
});

describe("a directory of blobs whose disk fails", () => {
  test("names a full disk, keeps what arrived, and goes on when there is room", async () => {
    const [store, { id, bytes }] = [await opened(await temporaryDirectory()), sealedBytes(5000)];
    await store.append(id, 0, pieces(bytes.subarray(0, 2000)));
    const failing = vi.spyOn(await fileHandlePrototype(), "appendFile").mockRejectedValueOnce(noSpace);
    await expect(store.append(id, 2000, pieces(bytes.subarray(2000)))).rejects.toMatchObject({ code: "disk-full" });
    failing.mockRestore();
    expect(await store.offset(id)).toBe(2000);
    expect(store.usage().unfinishedBytes).toBe(2000);
    await store.append(id, 2000, pieces(bytes.subarray(2000)));
    await store.complete(id);
    expect(await holds(store, id, bytes)).toBe(true);
  });

  test("never shows a blob that could not be made durable", async () => {
    const [store, { id, bytes }] = [await opened(await temporaryDirectory()), sealedBytes(5000)];
    await store.append(id, 0, pieces(bytes));
    const failing = vi.spyOn(await fileHandlePrototype(), "sync").mockRejectedValueOnce(noSpace);
    await expect(store.complete(id)).rejects.toMatchObject({ code: "disk-full" });
    failing.mockRestore();
    expect(await store.size(id)).toBeUndefined();
    expect(await store.offset(id)).toBe(0);
    await upload(store, id, bytes);
  });

  const reason = whyNoTinyDisk();
  test.skipIf(reason !== undefined)(
    `holds on a real full disk${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    async () => {
      const store = await opened(await tinyDisk(1_000_000));
      const [kept, next] = [sealedBytes(500_000), sealedBytes(700_000)];
      await upload(store, kept.id, kept.bytes);
      await expect(upload(store, next.id, next.bytes)).rejects.toMatchObject({ code: "disk-full" });
      expect(await store.size(next.id)).toBeUndefined();
      expect(await holds(store, kept.id, kept.bytes)).toBe(true);
      await store.remove(kept.id);
      await upload(store, next.id, next.bytes);
      expect(await holds(store, next.id, next.bytes)).toBe(true);
    },
  );
});

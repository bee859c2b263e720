import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BlobLimits, BlobStore } from "../../src/store/blobs/index.js";
import { holds, pieces, range, sealedBytes, upload } from "./blobs.js";

/** Opens an empty store with these limits; the test's clock stands still until it is moved on. */
export type OpenStore = (limits: BlobLimits, now: () => number) => Promise<BlobStore>;

const limits: BlobLimits = {
  maxBlobBytes: 1_000_000,
  maxTotalBytes: 3_000_000,
  maxUnfinishedUploads: 3,
  unfinishedExpiryMs: 3_600_000,
};

/** What every blob store does, whatever it keeps its blobs in. */
export function blobStoreContract(name: string, openStore: OpenStore): void {
  const opened = async (changes: Partial<BlobLimits> = {}, now: () => number = Date.now): Promise<BlobStore> => {
    const store = await openStore({ ...limits, ...changes }, now);
    onTestFinished(() => store.close());
    return store;
  };
  describe(`${name} keeps a blob`, () => {
    keeps(opened);
  });
  describe(`${name} resumes an upload`, () => {
    resumes(opened);
  });
  describe(`${name} refuses`, () => {
    refuses(opened);
  });
}

type Opened = (changes?: Partial<BlobLimits>, now?: () => number) => Promise<BlobStore>;

function keeps(opened: Opened): void {
  test("that is not visible before it is complete, and whole afterwards", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(70_000)];
    expect(await store.append(id, 0, pieces(bytes))).toBe(70_000);
    expect(await store.size(id)).toBeUndefined();
    await expect(store.read(id)).rejects.toMatchObject({ code: "not-found" });
    expect(await store.complete(id)).toBe(70_000);
    expect(await store.size(id)).toBe(70_000);
    expect(await holds(store, id, bytes)).toBe(true);
  });

  test("of any size, none included", async () => {
    const store = await opened();
    for (const size of [0, 1, 65_536, 1_000_000]) {
      const { id, bytes } = sealedBytes(size);
      await upload(store, id, bytes);
      expect(await holds(store, id, bytes)).toBe(true);
    }
  });

  test("of which any range can be read, and none outside it", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(5000)];
    await upload(store, id, bytes);
    expect(await range(store, id, { start: 1200, end: 1234 })).toEqual(bytes.subarray(1200, 1234));
    expect(await range(store, id, { start: 4990 })).toEqual(bytes.subarray(4990));
    expect(await range(store, id, { start: 77, end: 77 })).toEqual(Buffer.alloc(0));
    for (const outside of [{ start: -1 }, { end: 5001 }, { start: 9, end: 8 }, { start: 1.5 }]) {
      await expect(store.read(id, outside)).rejects.toMatchObject({ code: "bad-argument" });
    }
  });

  test("that has been used, or asked for by whoever would upload it, from removal as unused", async () => {
    let nowMs = Date.now();
    const store = await opened({}, () => nowMs);
    const [used, asked, unused] = [sealedBytes(10), sealedBytes(20), sealedBytes(30)];
    for (const { id, bytes } of [used, asked, unused]) await upload(store, id, bytes);
    const uploaded = nowMs;
    nowMs += 48 * 3_600_000;
    expect([await store.use(used.id), await store.offset(asked.id)]).toEqual([10, 20]);
    const since = nowMs - 24 * 3_600_000;
    const removed = [used, asked, unused].map(({ id }) => store.remove(id, since));
    expect(await Promise.all(removed)).toEqual([false, false, true]);
    expect([await store.remove(used.id, uploaded), await store.use(unused.id)]).toEqual([false, undefined]);
  });

  test("until it is removed, and lists and counts it", async () => {
    const [store, first, second] = [await opened(), sealedBytes(300), sealedBytes(500)];
    await upload(store, first.id, first.bytes);
    await upload(store, second.id, second.bytes);
    expect(await listed(store)).toEqual(
      [first, second].map(({ id, bytes }) => ({ id, sizeBytes: bytes.length })).sort(byId),
    );
    expect(await store.remove(first.id)).toBe(true);
    expect(await store.remove(first.id)).toBe(false);
    expect(await store.size(first.id)).toBeUndefined();
    expect(store.usage()).toEqual({ completeBytes: 500, unfinishedBytes: 0, unfinishedUploads: 0 });
  });

  test("once, however often it is completed or uploaded again", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(4000)];
    await upload(store, id, bytes);
    expect(await store.complete(id)).toBe(4000);
    expect(await store.offset(id)).toBe(4000);
    await expect(store.append(id, 0, pieces(bytes))).rejects.toMatchObject({
      code: "wrong-offset",
      expectedOffset: 4000,
    });
    expect(store.usage().completeBytes).toBe(4000);
  });
}

function resumes(opened: Opened): void {
  test("so that any split of the bytes into chunks and requests yields the same blob", async () => {
    const store = await opened({ maxTotalBytes: 1e9 });
    const cuts = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        cuts,
        fc.integer({ min: 1, max: 4 }),
        async (data, at, perRequest) => {
          const bytes = Buffer.from(data);
          const id = createHash("sha256").update(bytes).digest("hex");
          await store.remove(id);
          const chunks = split(bytes, at);
          for (let first = 0; first < chunks.length; first += perRequest) {
            await store.append(id, await store.offset(id), pieces(...chunks.slice(first, first + perRequest)));
          }
          await store.complete(id);
          expect(await holds(store, id, bytes)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("from where it broke off: what arrived before the sender failed is kept", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(9000)];
    async function* broken() {
      yield bytes.subarray(0, 4000);
      throw new Error("connection lost");
    }
    await expect(store.append(id, 0, broken())).rejects.toThrow("connection lost");
    expect(await store.offset(id)).toBe(4000);
    await store.append(id, 4000, pieces(bytes.subarray(4000)));
    await store.complete(id);
    expect(await holds(store, id, bytes)).toBe(true);
  });

  test("only from where it stands, and says where that is", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(100)];
    await store.append(id, 0, pieces(bytes.subarray(0, 60)));
    for (const offset of [0, 59, 61]) {
      await expect(store.append(id, offset, pieces(bytes))).rejects.toMatchObject({
        code: "wrong-offset",
        expectedOffset: 60,
      });
    }
    expect(await store.offset(id)).toBe(60);
  });

  test("over a new request at once while the old one hangs, which then ends", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(800)];
    const { hanging, arrived } = hangingAfter(bytes.subarray(0, 300));
    const old = store.append(id, 0, hanging).catch((error: unknown) => error);
    await arrived;
    const failed = await store.append(id, 0, pieces(bytes)).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: "wrong-offset", expectedOffset: 300 });
    expect(await old).toMatchObject({ code: "upload-superseded" });
    await store.append(id, 300, pieces(bytes.subarray(300)));
    expect(await store.complete(id)).toBe(800);
  });

  test("safely while others send the same blob", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(50_000)];
    await Promise.all(Array.from({ length: 5 }, () => upload(store, id, bytes)));
    expect(await holds(store, id, bytes)).toBe(true);
    expect(store.usage()).toEqual({ completeBytes: 50_000, unfinishedBytes: 0, unfinishedUploads: 0 });
  });
}

function refuses(opened: Opened): void {
  test("bytes that are not what their name says, and keeps none of them", async () => {
    const [store, { id, bytes }] = [await opened(), sealedBytes(900)];
    const wrong = Buffer.from(bytes);
    wrong.writeUInt8(wrong.readUInt8(450) ^ 1, 450);
    await store.append(id, 0, pieces(wrong));
    await expect(store.complete(id)).rejects.toMatchObject({ code: "blob-mismatch" });
    expect(await store.offset(id)).toBe(0);
    expect(await store.size(id)).toBeUndefined();
    expect(store.usage().unfinishedUploads).toBe(0);
    await upload(store, id, bytes);
  });

  test("an upload that never began", async () => {
    await expect((await opened()).complete(sealedBytes(5).id)).rejects.toMatchObject({ code: "not-found" });
  });

  test.each([
    "../../../etc/passwd",
    "..",
    "",
    "A".repeat(64),
    "0".repeat(63),
    `${"0".repeat(64)}\n`,
    `${"0".repeat(62)}/0`,
  ])("the name %j", async (name) => {
    const store = await opened();
    const calls = [
      () => store.offset(name),
      () => store.append(name, 0, pieces()),
      () => store.complete(name),
      () => store.abandon(name),
      () => store.read(name),
      () => store.size(name),
      () => store.remove(name),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "bad-argument" });
  });

  test("a blob above the largest size, and forgets it", async () => {
    const [store, { id, bytes }] = [await opened({ maxBlobBytes: 1000 }), sealedBytes(1001)];
    await expect(store.append(id, 0, pieces(bytes.subarray(0, 900), bytes.subarray(900)))).rejects.toMatchObject({
      code: "too-large",
    });
    expect(store.usage()).toEqual({ completeBytes: 0, unfinishedBytes: 0, unfinishedUploads: 0 });
  });

  test("bytes above the total, complete and unfinished together, and goes on when there is room", async () => {
    const [store, kept, next] = [await opened({ maxTotalBytes: 1500 }), sealedBytes(900), sealedBytes(800)];
    await upload(store, kept.id, kept.bytes);
    const chunks = pieces(next.bytes.subarray(0, 500), next.bytes.subarray(500));
    await expect(store.append(next.id, 0, chunks)).rejects.toMatchObject({ code: "storage-full" });
    expect(await store.offset(next.id)).toBe(500);
    await store.remove(kept.id);
    await store.append(next.id, 500, pieces(next.bytes.subarray(500)));
    expect(await store.complete(next.id)).toBe(800);
  });

  test("more unfinished uploads than allowed, until one is finished, abandoned or expired", async () => {
    let nowMs = Date.now();
    const store = await opened({ maxUnfinishedUploads: 2 }, () => nowMs);
    const [first, second, third, fourth] = [400, 401, 402, 403].map(sealedBytes) as [Sealed, Sealed, Sealed, Sealed];
    await store.append(first.id, 0, pieces(first.bytes));
    await store.append(second.id, 0, pieces(second.bytes));
    await expect(store.append(third.id, 0, pieces(third.bytes))).rejects.toMatchObject({ code: "too-many-uploads" });
    await store.complete(first.id);
    await store.append(third.id, 0, pieces(third.bytes));
    expect([await store.abandon(second.id), await store.abandon(second.id)]).toEqual([true, false]);
    await store.append(second.id, 0, pieces(second.bytes));
    nowMs += limits.unfinishedExpiryMs + 1;
    await store.append(fourth.id, 0, pieces(fourth.bytes));
    expect([await store.offset(second.id), await store.offset(third.id)]).toEqual([0, 0]);
  });

  test("to remove an unfinished upload before its time", async () => {
    let nowMs = Date.now();
    const [store, { id, bytes }] = [await opened({}, () => nowMs), sealedBytes(60)];
    await store.append(id, 0, pieces(bytes.subarray(0, 30)));
    nowMs += limits.unfinishedExpiryMs - 1000;
    await store.append(id, 30, pieces(bytes.subarray(30, 40)));
    nowMs += limits.unfinishedExpiryMs - 1000;
    expect(await store.expire()).toBe(0);
    nowMs += 2000;
    expect(await store.expire()).toBe(1);
    expect(store.usage()).toEqual({ completeBytes: 0, unfinishedBytes: 0, unfinishedUploads: 0 });
  });
}

type Sealed = ReturnType<typeof sealedBytes>;

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}

async function listed(store: BlobStore): Promise<unknown[]> {
  const found = [];
  for await (const blob of store.list()) found.push(blob);
  return found.sort(byId);
}

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [0, ...at.filter((cut) => cut < bytes.length).sort((one, other) => one - other), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

/** A sender that delivers `bytes`, then nothing more; `arrived` resolves when the store has asked for more. */
function hangingAfter(bytes: Uint8Array): { hanging: AsyncIterable<Uint8Array>; arrived: Promise<unknown> } {
  const arrival = new EventEmitter();
  async function* hanging() {
    yield bytes;
    arrival.emit("arrived");
    await new Promise(() => {});
  }
  return { hanging: hanging(), arrived: once(arrival, "arrived") };
}

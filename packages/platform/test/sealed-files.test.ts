import { createHash } from "node:crypto";
import { existsSync, truncateSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBytes, sealBytes, sealedLength, sealedStream, toHex } from "@aegis-pool/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convertFile } from "../src/convert-file.js";
import { primitives } from "../src/primitives.js";
import { openFile, sealFile } from "../src/sealed-files.js";
import { flipped } from "./fixtures.js";

const context = { owner: new Uint8Array(32).fill(0x11), purpose: "result" } as const;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const pattern = Buffer.alloc(5_000_000);
for (let index = 0; index < pattern.length; index++) pattern[index] = (index * 7 + (index >> 8)) % 251;
const counting = (length: number): Buffer => pattern.subarray(0, length);
const { chunkBytes, headerBytes, tagBytes } = sealedStream;
/** Around one chunk, one piece of 8 chunks, and several pieces. */
const lengths = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 8 * chunkBytes, 8 * chunkBytes + 1, 2_500_000];

let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aegis-sealed-files-"));
});
afterAll(() => rm(folder, { recursive: true }));
const newPath = (): string => join(folder, String(files++));
const fileOf = async (bytes: Uint8Array): Promise<string> => {
  const path = newPath();
  await writeFile(path, bytes);
  return path;
};
const open = async (sealed: Uint8Array, more: { hash?: Uint8Array; prefixBytes?: number } = {}, as = context) => {
  const [from, to] = [await fileOf(sealed), newPath()];
  const answer = openFile({ from, hash: sha256(sealed), ...more }, to, as);
  return { to, answer };
};

describe("a file sealed piece by piece", () => {
  it("opens at once, and is named by the hash and length of what was written", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lengths), fc.constantFrom(0, 1, 70_000), async (length, prefixBytes) => {
        const [bytes, prefix, to] = [counting(length), counting(prefixBytes), newPath()];
        const named = await sealFile(await fileOf(bytes), to, context, prefix);
        const sealed = await readFile(to);
        expect(toHex(named.hash)).toBe(toHex(sha256(sealed)));
        expect([named.bytes, sealed.length]).toEqual([sealed.length, sealedLength(length + prefixBytes)]);
        const opened = openBytes(sealed, context, primitives);
        expect(opened && Buffer.from(opened).equals(Buffer.concat([prefix, bytes]))).toBe(true);
      }),
      { numRuns: 24 },
    );
  });

  it("is for its owner's eyes only, and never replaces a file", async () => {
    const [from, to] = [await fileOf(counting(10)), newPath()];
    await sealFile(from, to, context);
    const ownersAlone = process.platform === "win32" ? 0o666 : 0o600;
    expect((await stat(to)).mode & 0o777).toBe(ownersAlone);
    await expect(sealFile(from, to, context)).rejects.toMatchObject({ code: "EEXIST" });
  });

  it.each([100, 5_500_000])("is an error where it becomes %i bytes long meanwhile", async (length) => {
    const from = await fileOf(counting(5_000_000));
    const conversion = { from, to: newPath(), pieceBytes: 1_000_000 - 1 };
    const converting = convertFile(conversion, (piece) => {
      truncateSync(from, length);
      return piece.slice();
    });
    await expect(converting).rejects.toThrow("changed while it was read");
  });
});

describe("a sealed file opened piece by piece", () => {
  it("gives what was sealed at once, without the prefix, which is the answer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lengths), fc.constantFrom(0, 1), async (length, prefixBytes) => {
        const bytes = counting(length + prefixBytes);
        const { to, answer } = await open(sealBytes(bytes, context, primitives), { prefixBytes });
        expect(Buffer.concat([await answer, await readFile(to)]).equals(bytes)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  const sealed = sealBytes(counting(2_000_000), context, primitives);
  const sealedChunk = chunkBytes + tagBytes;
  const cuts = [0, 35, 36, 40, headerBytes + sealedChunk, headerBytes + 8 * sealedChunk, sealed.length - 1];
  const hostile: [string, Uint8Array][] = [
    ...cuts.map((end): [string, Uint8Array] => [`cut to ${end} bytes`, sealed.subarray(0, end)]),
    ["one byte longer", Buffer.concat([sealed, Buffer.alloc(1)])],
    ["with a changed header", flipped(sealed, 10)],
    ["with a changed first chunk", flipped(sealed, 100)],
    ["with a changed last chunk", flipped(sealed, sealed.length - 20)],
  ];
  it.each(hostile)("is an error where it was %s, and leaves no file", async (_what, bytes) => {
    const { to, answer } = await open(bytes);
    await expect(answer).rejects.toThrow(RangeError);
    expect(existsSync(to)).toBe(false);
  });

  it("is an error where it is sealed for another purpose, and leaves no file", async () => {
    const { to, answer } = await open(sealed, {}, { ...context, purpose: "log" } as never);
    await expect(answer).rejects.toThrow("another key");
    expect(existsSync(to)).toBe(false);
  });

  it("is an error where another one was named, though it opens, and leaves no file", async () => {
    const { to, answer } = await open(sealed, { hash: new Uint8Array(32) });
    await expect(answer).rejects.toThrow("another sealed stream");
    expect(existsSync(to)).toBe(false);
  });

  it("is an error where it is shorter than its prefix", async () => {
    const { to, answer } = await open(sealBytes(new Uint8Array(0), context, primitives), { prefixBytes: 1 });
    await expect(answer).rejects.toThrow("shorter");
    expect(existsSync(to)).toBe(false);
  });
});

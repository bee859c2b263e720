import { createCipheriv, createHash, hkdfSync } from "node:crypto";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/shared/bytes.js";
import type { BlobPurpose } from "../../src/privacy/keys.js";
import {
  createOpener,
  createSealer,
  openBytes,
  sealBytes,
  sealedLength,
  sealedStream,
} from "../../src/privacy/sealed-stream.js";
import { asVector, counting, filled, flipped, vectorFile, withFixedRandomness } from "../fixtures.js";

const context = { owner: filled(0x11), purpose: "input" } as const;
const { chunkBytes, headerBytes, tagBytes } = sealedStream;
const sealedChunk = chunkBytes + tagBytes;
const lengths = [0, 1, 17, 65_535, 65_536, 65_537, 2 * 65_536, 3 * 65_536, 3 * 65_536 + 5];
const seal = (plaintext: Uint8Array): Uint8Array => sealBytes(plaintext, context, primitives);
const open = (sealed: Uint8Array): Uint8Array | undefined => openBytes(sealed, context, primitives);
/** The sealed chunks of a sealed byte string. */
const chunk = (sealed: Uint8Array, index: number): Uint8Array =>
  sealed.subarray(headerBytes + index * sealedChunk, headerBytes + (index + 1) * sealedChunk);
const header = (sealed: Uint8Array): Uint8Array => sealed.subarray(0, headerBytes);

/** The stream as its docstring describes it, composed from Node.js' primitives alone. */
function composed(plaintext: Uint8Array, owner: Uint8Array, purpose: BlobPurpose, salt: Uint8Array): Buffer {
  const key = Buffer.from(hkdfSync("sha256", owner, salt, `aegis-pool/v1/blob-${purpose}`, 32));
  const parts = [Buffer.from("AGS1"), Buffer.from(salt)];
  const chunks = Math.max(1, Math.ceil(plaintext.length / 65_536));
  for (let index = 0; index < chunks; index++) {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(index, 7);
    nonce[11] = index === chunks - 1 ? 1 : 0;
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    parts.push(cipher.update(plaintext.subarray(index * 65_536, (index + 1) * 65_536)), cipher.final());
    parts.push(cipher.getAuthTag());
  }
  return Buffer.concat(parts);
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

function vectorOf(plaintextBytes: number, purpose: BlobPurpose): object {
  const plaintext = counting(plaintextBytes);
  const sealed = sealBytes(plaintext, { owner: context.owner, purpose }, withFixedRandomness());
  return {
    owner: context.owner,
    purpose,
    salt: filled(1),
    plaintextBytes,
    plaintextSha256: sha256(plaintext),
    sealedBytes: sealed.length,
    sealedSha256: sha256(sealed),
    ...(sealed.length < 256 && { sealed }),
  };
}

describe("a sealed stream", () => {
  it("opens to what was sealed, at every boundary of a chunk, with the stated length", () => {
    for (const length of lengths) {
      const sealed = seal(counting(length));
      expect(sealed.length).toBe(sealedLength(length));
      expect(toHex(open(sealed) ?? filled(0, 1))).toBe(toHex(counting(length)));
    }
  });

  it("is what an independent composition of HKDF and AES-256-GCM makes", () => {
    for (const length of lengths) {
      const sealed = sealBytes(counting(length), context, withFixedRandomness());
      expect(toHex(sealed)).toBe(toHex(composed(counting(length), context.owner, context.purpose, filled(1))));
    }
  });

  it("is byte for byte the one in vectors/sealed-stream.json", async () => {
    const source =
      "packages/core/src/privacy/sealed-stream.ts; byte i of each plaintext is (7i + floor(i/256)) mod 251";
    const vectors = [
      vectorOf(0, "log"),
      vectorOf(5, "input"),
      vectorOf(65_536, "program"),
      vectorOf(65_537, "shared"),
      vectorOf(200_000, "result"),
    ];
    await expect(asVector({ source, vectors })).toMatchFileSnapshot(vectorFile("sealed-stream"));
  });

  it("never repeats a salt, so equal plaintexts have unlike sealed forms", () => {
    expect(toHex(seal(counting(100)))).not.toBe(toHex(seal(counting(100))));
  });

  it("does not open for another owner or another purpose", () => {
    const sealed = seal(counting(70_000));
    expect(openBytes(sealed, { ...context, owner: flipped(context.owner, 31) }, primitives)).toBeUndefined();
    for (const purpose of ["program", "shared", "result", "log"] as const) {
      expect(openBytes(sealed, { ...context, purpose }, primitives)).toBeUndefined();
    }
  });

  it("does not open with any byte of header, chunk or tag changed", () => {
    const sealed = seal(counting(chunkBytes + 20));
    const tags = [headerBytes + chunkBytes, headerBytes + sealedChunk - 1, sealed.length - 1];
    for (const index of [0, 3, 4, 35, 36, 1_000, ...tags]) expect(open(flipped(sealed, index))).toBeUndefined();
  });

  it("does not open when cut anywhere, also between two chunks", () => {
    const sealed = seal(counting(3 * chunkBytes));
    const cuts = [
      0,
      3,
      35,
      36,
      51,
      52,
      100,
      headerBytes + sealedChunk,
      headerBytes + 2 * sealedChunk,
      sealed.length - 1,
    ];
    for (const cut of cuts) expect(open(sealed.subarray(0, cut))).toBeUndefined();
  });

  it("does not open when extended, by a byte, a chunk of its own or an empty last chunk", () => {
    const sealed = seal(counting(2 * chunkBytes));
    for (const more of [filled(0, 1), filled(0, tagBytes), chunk(sealed, 0), chunk(sealed, 1)]) {
      expect(open(concatBytes(sealed, more))).toBeUndefined();
    }
  });

  it("does not open with chunks swapped, repeated, dropped or taken from another blob of the same key", () => {
    const [sealed, other] = [seal(counting(3 * chunkBytes)), seal(counting(3 * chunkBytes))];
    const [first, second, last] = [chunk(sealed, 0), chunk(sealed, 1), chunk(sealed, 2)];
    const forged = [
      [second, first, last],
      [first, first, last],
      [first, last],
      [first, last, second],
      [first, chunk(other, 1), last],
      [first, second, chunk(other, 2)],
    ];
    for (const chunks of forged) expect(open(concatBytes(header(sealed), ...chunks))).toBeUndefined();
    expect(open(concatBytes(header(sealed), first, second, last))).toHaveLength(3 * chunkBytes);
  });

  it("does not open under the header of another blob of the same key", () => {
    const [sealed, other] = [seal(counting(10)), seal(counting(10))];
    expect(open(concatBytes(header(other), sealed.subarray(headerBytes)))).toBeUndefined();
  });
});

describe("an opener", () => {
  it("refuses a header of another length or another format", () => {
    const good = header(seal(counting(1)));
    for (const bad of [good.subarray(0, 35), concatBytes(good, filled(0, 1)), flipped(good, 1), filled(0, 0)]) {
      expect(createOpener(bad, context, primitives)).toBeUndefined();
    }
  });

  it("refuses the last chunk where more should come, and the reverse", () => {
    const sealer = createSealer(context, primitives);
    const [first, last] = [
      concatBytes(...sealer.seal(counting(chunkBytes), false)),
      concatBytes(...sealer.seal(counting(3), true)),
    ];
    expect(createOpener(sealer.header, context, primitives)?.open(first, true)).toBeUndefined();
    const opener = createOpener(sealer.header, context, primitives);
    expect(opener?.open(first, false)).toHaveLength(chunkBytes);
    expect(opener?.open(last, false)).toBeUndefined();
  });
});

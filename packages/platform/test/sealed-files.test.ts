import { openBytes, sealBytes, sealedStream, toHex } from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { primitives } from "../src/primitives.js";
import { type ByteSource, openSource, sealSource } from "../src/sealed-files.js";
import { flipped } from "./fixtures.js";

const context = { owner: new Uint8Array(32).fill(0x11), purpose: "result" } as const;
const counting = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 251);

/** `bytes` in pieces of these sizes, again and again; an empty piece now and then, as sources may give. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): ByteSource {
  let [start, turn] = [0, 0];
  while (start < bytes.length) {
    const size = sizes[turn++ % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    yield new Uint8Array(0);
    start += size;
  }
}

async function collect(source: ByteSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

const length = fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 131_072, 131_073, 200_000);
const sizes = fc.array(fc.constantFrom(7_001, 16_384, 65_536, 65_552, 100_000, 300_000), {
  minLength: 1,
  maxLength: 4,
});

describe("a source sealed piece by piece", () => {
  it("opens at once, whatever the pieces, and has the length of one sealed at once", async () => {
    await fc.assert(
      fc.asyncProperty(length, sizes, async (bytes, cut) => {
        const sealed = await collect(sealSource(inPieces(counting(bytes), cut), context));
        expect(toHex(openBytes(sealed, context, primitives) ?? new Uint8Array(1))).toBe(toHex(counting(bytes)));
        expect(sealed.length).toBe(sealBytes(counting(bytes), context, primitives).length);
      }),
      { numRuns: 30 },
    );
  });
});

describe("a sealed source opened piece by piece", () => {
  it("gives what was sealed at once, whatever the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(length, sizes, async (bytes, cut) => {
        const sealed = sealBytes(counting(bytes), context, primitives);
        expect(toHex(await collect(openSource(inPieces(sealed, cut), context)))).toBe(toHex(counting(bytes)));
      }),
      { numRuns: 30 },
    );
  });

  it("comes in pieces of single bytes as well, header and all", async () => {
    const sealed = sealBytes(counting(50), context, primitives);
    expect(toHex(await collect(openSource(inPieces(sealed, [1]), context)))).toBe(toHex(counting(50)));
  });

  it("is an error where it was cut, extended, changed or sealed for another purpose", async () => {
    const { headerBytes, chunkBytes, tagBytes } = sealedStream;
    const sealed = sealBytes(counting(150_000), context, primitives);
    const cuts = [36, 40, headerBytes + chunkBytes + tagBytes, sealed.length - 1].map((end) => sealed.subarray(0, end));
    const hostile = [...cuts, Buffer.concat([sealed, Buffer.alloc(1)]), flipped(sealed, 100), flipped(sealed, 140_000)];
    for (const bytes of hostile) {
      await expect(collect(openSource(inPieces(bytes, [9_999]), context))).rejects.toThrow(RangeError);
    }
    const elsewhere = openSource(inPieces(sealed, [9_999]), { ...context, purpose: "log" });
    await expect(collect(elsewhere)).rejects.toThrow("another key");
  });

  it("gives only genuine plaintext before the error", async () => {
    const sealed = flipped(sealBytes(counting(150_000), context, primitives), 100_000);
    const given: Uint8Array[] = [];
    const reading = (async () => {
      for await (const part of openSource(inPieces(sealed, [50_000]), context)) given.push(part);
    })();
    await expect(reading).rejects.toThrow(RangeError);
    expect(toHex(Buffer.concat(given))).toBe(toHex(counting(150_000).subarray(0, 65_536)));
  });

  it("that is no sealed stream is refused and closed", async () => {
    for (const bytes of [new Uint8Array(0), counting(35), counting(36), counting(500)]) {
      let closed = false;
      const source = (async function* () {
        try {
          yield* inPieces(bytes, [10]);
        } finally {
          closed = true;
        }
      })();
      await expect(collect(openSource(source, context))).rejects.toThrow("not a sealed stream");
      expect(closed).toBe(true);
    }
  });
});

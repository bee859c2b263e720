import fc from "fast-check";
import { sign } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, type Primitives, toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { createHpkeKey } from "../src/hpke.js";
import { primitives } from "../src/primitives.js";
import { createEd25519Signer, createSecp256k1Signer, signerFromPem } from "../src/signers.js";
import * as web from "../src/web/index.js";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const any = fc.uint8Array({ maxLength: 300 });
const parts = fc.array(any, { maxLength: 4 });

/** What both platforms say to the same. */
function both<T>(ask: (of: Primitives) => T): [inNode: T, inBrowser: T] {
  return [ask(primitives), ask(web.primitives)];
}

describe("the primitives of a browser", () => {
  it("hash and derive as those of Node.js do", () => {
    fc.assert(
      fc.property(parts, any, any, fc.integer({ min: 1, max: 300 }), (several, key, info, length) => {
        for (const [a, b] of [
          both((of) => toHex(of.sha256(...several))),
          both((of) => toHex(of.hmac(key, ...several))),
          both((of) => toHex(of.hkdf(key, info, info, length))),
        ]) {
          expect(b).toBe(a);
        }
      }),
    );
  });

  it("seal as those of Node.js do, and open what the others have sealed", () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), any, any, (key, nonce, plaintext, data) => {
        const [a, b] = both((of) => concatBytes(...of.aesGcmSeal(key, nonce, plaintext, data)));
        expect(toHex(b)).toBe(toHex(a));
        expect(toHex(web.primitives.aesGcmOpen(key, nonce, a, data) ?? Uint8Array.of(0))).toBe(toHex(plaintext));
      }),
    );
  });

  it("make the same keystream, in whatever pieces it is asked for, over the end of the counter too", () => {
    const counters = fc.oneof(
      bytes(16),
      fc.constantFrom(new Uint8Array(16).fill(255), new Uint8Array(16).with(15, 254)),
    );
    const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(4_096)), { maxLength: 8 });
    fc.assert(
      fc.property(bytes(16), counters, lengths, (key, counter, asked) => {
        const [a, b] = both((of) => {
          const next = of.aes128Ctr(key, counter);
          return asked.map((length) => {
            const piece = new Uint8Array(length);
            next(piece);
            return toHex(piece);
          });
        });
        expect(b).toEqual(a);
      }),
    );
  });

  it("give as many random bytes as are asked for, others each time", () => {
    for (const length of [0, 1, 32, 65_536, 65_537, 200_000]) {
      expect(web.primitives.randomBytes(length)).toHaveLength(length);
    }
    const [first, second] = [web.primitives.randomBytes(70_000), web.primitives.randomBytes(70_000)];
    expect(toHex(first.subarray(-32))).not.toBe(toHex(second.subarray(-32)));
    expect(toHex(first.subarray(-32))).not.toBe("00".repeat(32));
  });

  it("take text as those of Node.js do", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (text) => {
        const [a, b] = both((of) => toHex(of.text.encode(text)));
        expect(b).toBe(a);
      }),
    );
  });
});

describe("a signature in a browser", () => {
  it("is the one that Node.js makes with the same key, which either reads as the other has written it", () => {
    for (const [signer, other] of [
      [web.createEd25519Signer(), signerFromPem],
      [createEd25519Signer(), web.signerFromPem],
    ] as const) {
      const same = other(signer.exportPem());
      expect(toHex(same?.publicKey ?? Uint8Array.of())).toBe(toHex(signer.publicKey));
      expect(same?.exportPem()).toBe(signer.exportPem());
      fc.assert(
        fc.property(any, (message) => {
          const signature = signer.sign(message);
          expect(toHex(same?.sign(message) ?? Uint8Array.of())).toBe(toHex(signature));
          expect(both((of) => of.verifyEd25519(signer.publicKey, message, signature))).toEqual([true, true]);
        }),
        { numRuns: 20 },
      );
    }
  });

  it("is by no key that is none of Ed25519, or none at all", () => {
    const pem = web.createEd25519Signer().exportPem();
    for (const wrong of ["", "a key", pem.replace("PRIVATE", "PUBLIC"), pem.replace("MC4", "MC5"), pem.slice(0, 80)]) {
      expect(web.signerFromPem(wrong)).toBeUndefined();
    }
    expect(web.signerFromPem(createSecp256k1Signer().exportPem())).toBeUndefined();
  });

  it("of an operator's secp256k1 key is taken as Node.js takes it", () => {
    const signer = createSecp256k1Signer();
    fc.assert(
      fc.property(any, fc.integer({ min: 0, max: 511 }), (message, bit) => {
        const signature = signer.sign(message);
        expect(both((of) => of.verifySecp256k1(signer.publicKey, message, signature))).toEqual([true, true]);
        const changed = signature.with(bit >> 3, (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
        expect(both((of) => of.verifySecp256k1(signer.publicKey, message, changed))).toEqual([false, false]);
      }),
      { numRuns: 20 },
    );
  });

  /*
   * With T of order 8, R = rB + T and s = r + kA: s B - k A is R without T, so the check without the cofactor fails and the one with it holds. Who takes
   * one and who refuses it would see two different runs.
   */
  it("that only the check with the cofactor takes is refused, as Node.js refuses it", () => {
    const { Point } = ed25519;
    const [secret, r] = [7n, 11n];
    const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    const publicKey = Point.BASE.multiply(secret).toBytes();
    const message = Uint8Array.of(1, 2, 3);
    const signed = (shown: Uint8Array): Uint8Array => {
      const digest = sha512(concatBytes(shown, publicKey, message));
      const k = BigInt(`0x${toHex(digest.toReversed())}`) % Point.Fn.ORDER;
      const s = (r + k * secret) % Point.Fn.ORDER;
      const hex = s.toString(16).padStart(64, "0");
      return concatBytes(shown, Uint8Array.from(Buffer.from(hex, "hex")).toReversed());
    };
    const plain = signed(Point.BASE.multiply(r).toBytes());
    const twisted = signed(Point.BASE.multiply(r).add(torsion).toBytes());
    expect(both((of) => of.verifyEd25519(publicKey, message, plain))).toEqual([true, true]);
    expect(ed25519.verify(twisted, message, publicKey)).toBe(true);
    expect(both((of) => of.verifyEd25519(publicKey, message, twisted))).toEqual([false, false]);
  });

  it("is verified as Node.js verifies it, whatever the bytes", () => {
    const key = createEd25519Signer();
    const message = Uint8Array.of(9, 9);
    const signature = Uint8Array.from(sign(null, message, key.exportPem()));
    const changed = fc.tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(changed, ([at, value]) => {
        const all = concatBytes(key.publicKey, signature).with(at, value);
        const [a, b] = both((of) => of.verifyEd25519(all.slice(0, 32), message, all.slice(32)));
        expect(b).toBe(a);
      }),
    );
  });
});

describe("a box that a browser has sealed", () => {
  it("opens in Node.js under its info alone", async () => {
    const key = await createHpkeKey();
    await fc.assert(
      fc.asyncProperty(any, any, async (info, plaintext) => {
        const box = (await web.boxSealer.sealBox(key.publicKey, info, plaintext)) ?? new Uint8Array(0);
        expect(toHex((await key.openBox(info, box)) ?? Uint8Array.of(0))).toBe(toHex(plaintext));
        expect(await key.openBox(concatBytes(info, Uint8Array.of(1)), box)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it("is for no point of small order and for nothing but 32 bytes", async () => {
    for (const wrong of [
      new Uint8Array(32),
      new Uint8Array(32).with(0, 1),
      new Uint8Array(31).fill(9),
      Uint8Array.of(),
    ]) {
      expect(await web.boxSealer.sealBox(wrong, Uint8Array.of(), Uint8Array.of(1))).toBeUndefined();
    }
  });
});

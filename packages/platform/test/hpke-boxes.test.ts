import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxSealer, createHpkeKey } from "../src/hpke.js";
import { primitives } from "../src/primitives.js";

/** RFC 9180 by another hand. */
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const whole = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const bytes = fc.uint8Array({ maxLength: 300 });

describe("a box that is sealed once", () => {
  it("is opened by another implementation of RFC 9180", async () => {
    const pair = await suite.kem.generateKeyPair();
    const recipient = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (info, plaintext) => {
        const box = (await boxSealer.sealBox(recipient, info, plaintext)) ?? new Uint8Array(0);
        const keys = { recipientKey: pair.privateKey, enc: whole(box.subarray(0, 32)), info: whole(info) };
        expect(new Uint8Array(await suite.open(keys, whole(box.subarray(32))))).toEqual(Uint8Array.from(plaintext));
      }),
      { numRuns: 30 },
    );
  });

  it("opens where another implementation of RFC 9180 has sealed it", async () => {
    const key = await createHpkeKey();
    const recipientPublicKey = await suite.kem.deserializePublicKey(whole(key.publicKey));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (info, plaintext) => {
        const { enc, ct } = await suite.seal({ recipientPublicKey, info: whole(info) }, whole(plaintext));
        const opened = await key.openBox(info, Buffer.concat([Buffer.from(enc), Buffer.from(ct)]));
        expect(Uint8Array.from(opened ?? [])).toEqual(Uint8Array.from(plaintext));
      }),
      { numRuns: 30 },
    );
  });

  it("does not open with one bit changed, cut short, under other info or by another key", async () => {
    const [key, other] = await Promise.all([createHpkeKey(), createHpkeKey()]);
    const info = Uint8Array.of(1, 2, 3);
    const sealed = await boxSealer.sealBox(key.publicKey, info, primitives.randomBytes(96));
    const box = Uint8Array.from(sealed ?? []);
    expect(await key.openBox(info, box)).toHaveLength(96);
    for (let at = 0; at < box.length; at += 7) {
      expect(await key.openBox(info, box.with(at, (box[at] ?? 0) ^ 0x10))).toBeUndefined();
    }
    for (const length of [0, 31, 32, 47, box.length - 1]) {
      expect(await key.openBox(info, box.subarray(0, length))).toBeUndefined();
    }
    expect(await key.openBox(Uint8Array.of(1, 2, 4), box)).toBeUndefined();
    expect(await other.openBox(info, box)).toBeUndefined();
  });

  it("is neither sealed for a point of small order, nor opened from one", async () => {
    const key = await createHpkeKey();
    const info = new Uint8Array(0);
    for (const point of [new Uint8Array(32), new Uint8Array(32).with(0, 1)]) {
      expect(await boxSealer.sealBox(point, info, Uint8Array.of(9))).toBeUndefined();
      expect(await key.openBox(info, Uint8Array.from([...point, ...new Uint8Array(17)]))).toBeUndefined();
    }
    for (const length of [0, 31, 33]) {
      expect(await boxSealer.sealBox(new Uint8Array(length).fill(9), info, Uint8Array.of(9))).toBeUndefined();
    }
  });

  it("is two different boxes for the same message", async () => {
    const key = await createHpkeKey();
    const seal = () => boxSealer.sealBox(key.publicKey, new Uint8Array(0), Uint8Array.of(9));
    expect(await seal()).not.toEqual(await seal());
  });
});

import { primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ascii, concatBytes, toHex } from "../../src/shared/bytes.js";
import { toCbor } from "../../src/shared/cbor.js";
import {
  openRelease,
  type ReleaseBinding,
  releaseExporterLabel,
  releaseInfo,
  sealRelease,
} from "../../src/privacy/key-release.js";
import { filled, flipped } from "../fixtures.js";

const secret = filled(0x31);
const binding: ReleaseBinding = { number: 77, fence: 3, agent: filled(0x41), manifestHash: filled(0x42) };
const keys = { content: filled(1), program: filled(2), shared: filled(3) };
const seal = (): Uint8Array => sealRelease(secret, binding, keys, primitives);
const open = (sealed: Uint8Array, changes: Partial<ReleaseBinding> = {}): unknown =>
  openRelease(secret, { ...binding, ...changes }, sealed, primitives);

/** Any plaintext under the genuine key of this release: what a requester with ill intent can send. */
function sealAnything(plaintext: Uint8Array): Uint8Array {
  const additionalData = toCbor(binding);
  const info = concatBytes(ascii("aegis-pool/v1/key-release"), primitives.sha256(additionalData));
  const key = primitives.hkdf(secret, new Uint8Array(0), info, 32);
  return concatBytes(filled(0, 12), ...primitives.aesGcmSeal(key, filled(0, 12), plaintext, additionalData));
}

describe("a key release", () => {
  it("opens for the secret and the binding it was sealed with", () => {
    expect(open(seal())).toEqual(keys);
    const twoKeys = { content: filled(1), program: filled(2) };
    expect(open(sealRelease(secret, binding, twoKeys, primitives))).toEqual(twoKeys);
  });

  it("is AES-256-GCM under HKDF of the secret over the binding's hash", () => {
    expect(open(sealAnything(toCbor(keys)))).toEqual(keys);
  });

  it("opens for no other task, lease, agent, manifest or secret", () => {
    const sealed = seal();
    const others: Partial<ReleaseBinding>[] = [
      { number: 78 },
      { fence: 2 },
      { fence: 4 },
      { agent: flipped(binding.agent, 0) },
      { manifestHash: flipped(binding.manifestHash, 31) },
      { number: binding.fence, fence: binding.number },
      { agent: binding.manifestHash, manifestHash: binding.agent },
    ];
    for (const other of others) expect(open(sealed, other)).toBeUndefined();
    expect(openRelease(flipped(secret, 5), binding, sealed, primitives)).toBeUndefined();
  });

  it("does not open with any bit changed or cut short", () => {
    const sealed = seal();
    for (const index of sealed.keys()) {
      expect(open(flipped(sealed, index))).toBeUndefined();
      expect(open(sealed.subarray(0, index))).toBeUndefined();
    }
  });

  it("draws a fresh nonce for each sealing", () => {
    expect(toHex(seal().subarray(0, 12))).not.toBe(toHex(seal().subarray(0, 12)));
  });

  it("refuses plaintext under the genuine key that is not a set of keys, without throwing", () => {
    const hostile = [
      new Uint8Array(0),
      Uint8Array.of(0xff),
      Uint8Array.of(0xa1, 0x00, 0x00),
      filled(0x81, 100_000),
      toCbor("keys"),
      toCbor({ content: filled(1) }),
      toCbor({ ...keys, content: filled(1, 31) }),
      toCbor({ ...keys, shared: null }),
      toCbor({ ...keys, extra: 1 }),
      concatBytes(toCbor(keys), Uint8Array.of(0)),
    ];
    for (const plaintext of hostile) expect(open(sealAnything(plaintext))).toBeUndefined();
  });

  it("refuses any bytes without throwing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(open(bytes)).toBeUndefined();
        expect(open(sealAnything(bytes))).toBeUndefined();
      }),
    );
  });

  it("is not made for a binding that is not one, which is a bug of the caller's", () => {
    for (const wrong of [{ number: -1 }, { fence: 0.5 }, { agent: filled(1, 31) }, { manifestHash: filled(1, 33) }]) {
      expect(() => sealRelease(secret, { ...binding, ...wrong }, keys, primitives)).toThrow(TypeError);
    }
  });
});

describe("HPKE's info for a release", () => {
  it("names pool, job, agent and session, each in its place", () => {
    const parties = { pool: filled(1), job: filled(2), agent: filled(3), session: filled(4) };
    const expected = concatBytes(releaseExporterLabel, filled(1), filled(2), filled(3), filled(4));
    expect(toHex(releaseInfo(parties))).toBe(toHex(expected));
  });
});

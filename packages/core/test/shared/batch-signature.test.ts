import { createHash, createPublicKey, verify } from "node:crypto";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchLimits, signBodies, signedBytes, verifyBody } from "../../src/shared/batch-signature.js";
import { bigEndian, concatBytes } from "../../src/shared/bytes.js";
import { filled, flipped, hex, known } from "../fixtures.js";

const signer = createEd25519Signer();
const sign = (bodies: readonly Uint8Array[], label = "test") => signBodies(label, bodies, signer, primitives);
const holds = (body: Uint8Array, signature: Uint8Array, label = "test", key = signer.publicKey) =>
  verifyBody(label, { body, signature }, key, primitives);
const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const threeBodies = [filled(1, 5), filled(2, 0), filled(3, 200)];

describe("a batch of statements", () => {
  it("has one signature, and each statement verifies by its own path", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 40 }), (bodies) => {
        const signatures = sign(bodies);
        expect(bodies.every((body, index) => holds(body, known(signatures[index])))).toBe(true);
        expect(new Set(signatures.map((each) => Buffer.from(each.subarray(0, 64)).toString("hex"))).size).toBe(1);
      }),
    );
  });

  it("of one is signed as a statement alone", () => {
    const [signature] = sign([filled(9)]);
    expect(signature).toEqual(signer.sign(signedBytes("test", filled(9))));
  });

  it("of none signs nothing", () => expect(sign([])).toEqual([]));

  it("of more than the limit is refused before anything is signed", () => {
    const tooMany = Array.from({ length: batchLimits.statements + 1 }, () => hex(""));
    expect(() => sign(tooMany)).toThrow(RangeError);
  });

  it("verifies by what RFC 9162 and RFC 8032 say, without any of our own code", () => {
    const [a, b, c] = threeBodies.map((body) => sha256(hex("00"), body));
    if (!a || !b || !c) throw new Error("three");
    const root = sha256(hex("01"), sha256(hex("01"), a, b), c);
    const message = Buffer.concat([Buffer.from("aegis-pool/v1/test/batch\0"), hex("00000003"), root]);
    const spki = Buffer.concat([hex("302a300506032b6570032100"), signer.publicKey]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    const [first, , third] = sign(threeBodies);
    expect(verify(null, message, key, known(first).subarray(0, 64))).toBe(true);
    expect(Buffer.from(known(first).subarray(64))).toEqual(Buffer.concat([hex("0000000000000003"), b, c]));
    const leftHalf = sha256(hex("01"), a, b);
    expect(Buffer.from(known(third).subarray(64))).toEqual(Buffer.concat([hex("0000000200000003"), leftHalf]));
  });
});

describe("a batch's signature does not hold", () => {
  const signatures = sign(threeBodies);
  const [body, signature] = [known(threeBodies[0]), known(signatures[0])];

  it("with any byte of it changed, or bytes more or less", () => {
    expect(holds(body, signature)).toBe(true);
    for (const index of signature.keys()) expect(holds(body, flipped(signature, index))).toBe(false);
    for (const length of [0, 63, 65, 71, 72, signature.length - 32, signature.length - 1]) {
      expect(holds(body, signature.subarray(0, length))).toBe(false);
    }
    expect(holds(body, concatBytes(signature, filled(0)))).toBe(false);
    expect(holds(body, concatBytes(signature, filled(0, 1)))).toBe(false);
  });

  it("for another statement of the batch, another label or another key", () => {
    expect(holds(known(threeBodies[1]), signature)).toBe(false);
    expect(holds(body, signature, "test2")).toBe(false);
    expect(holds(body, signature, "test", createEd25519Signer().publicKey)).toBe(false);
  });

  it("for what was signed alone as if it were a root, nor the other way round", () => {
    // a statement whose body reads as size and root, signed alone, is no batch
    const root = filled(7);
    const alone = signer.sign(signedBytes("test", concatBytes(bigEndian(1, 4), root)));
    expect(holds(root, concatBytes(alone, bigEndian(0, 4), bigEndian(1, 4)))).toBe(false);
    // and a batch's signature is none of a statement with its root as the body
    expect(holds(concatBytes(bigEndian(3, 4), root), signature.subarray(0, 64))).toBe(false);
  });

  it("for an inner node given out as a statement", () => {
    const [first, second] = threeBodies.map((each) => primitives.sha256(hex("00"), each));
    const inner = concatBytes(known(first), known(second));
    const third = known(signatures[2]);
    const path = signature.subarray(-32);
    expect(holds(inner, concatBytes(third.subarray(0, 64), bigEndian(0, 4), bigEndian(2, 4), path))).toBe(false);
  });

  it("and never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        expect(holds(body, bytes)).toBe(false);
      }),
    );
  });
});

import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { Type } from "typebox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/shared/bytes.js";
import { toCbor } from "../../src/shared/cbor.js";
import { Exactly, Whole } from "../../src/shared/schema.js";
import { signedBytes } from "../../src/shared/batch-signature.js";
import { openStatement, readSigned, readStatement, type Signed, signStatement } from "../../src/shared/signed.js";
import * as identity from "../../src/protocol/statements/identity.js";
import * as work from "../../src/protocol/statements/work.js";
import { filled, flipped, hex } from "../fixtures.js";

const shape = Exactly({ number: Whole(1), note: Type.Optional(Type.String()) });
const kind = identity.kind("test-statement", shape);
const twin = identity.kind("test-statement-2", shape);
const signer = createEd25519Signer();
const signed = signStatement(kind, { number: 7 }, signer);
const open = (statement: Signed): unknown => openStatement(kind, statement, signer.publicKey, primitives);
/** Bytes of any content, genuinely signed as this kind. */
const signRaw = (body: Uint8Array): Signed => ({ body, signature: signer.sign(signedBytes(kind.label, body)) });

describe("a signed statement", () => {
  it("opens for the key and the kind that signed it", () => {
    expect(open(signed)).toEqual({ number: 7 });
    expect(readStatement(kind, signed)).toEqual({ number: 7 });
  });

  it("covers version, label, a zero byte and the body", () => {
    expect(toHex(signedBytes("run", hex("0102")))).toBe(`${Buffer.from("aegis-pool/v1/run").toString("hex")}000102`);
  });

  it("does not open for another key", () => {
    expect(openStatement(kind, signed, createEd25519Signer().publicKey, primitives)).toBeUndefined();
    expect(openStatement(kind, signed, filled(0), primitives)).toBeUndefined();
    expect(openStatement(kind, signed, signer.publicKey.subarray(1), primitives)).toBeUndefined();
  });

  it("does not open as another kind, even one of the same shape", () => {
    expect(openStatement(twin, signed, signer.publicKey, primitives)).toBeUndefined();
    expect(readStatement(twin, signed)).toEqual({ number: 7 });
  });

  it("does not open with any bit of body or signature changed, or bytes more or less", () => {
    for (const index of signed.body.keys())
      expect(open({ ...signed, body: flipped(signed.body, index) })).toBeUndefined();
    for (const index of signed.signature.keys()) {
      expect(open({ ...signed, signature: flipped(signed.signature, index) })).toBeUndefined();
    }
    expect(open({ ...signed, signature: concatBytes(signed.signature, filled(0, 1)) })).toBeUndefined();
    expect(open({ ...signed, signature: signed.signature.subarray(0, 63) })).toBeUndefined();
    expect(open({ ...signed, body: concatBytes(signed.body, filled(0, 1)) })).toBeUndefined();
  });

  it("does not open with a genuine signature over a body of another shape, and never throws", () => {
    const bodies = [
      new Uint8Array(0),
      hex("ff"),
      filled(0x81, 4_000),
      toCbor(null),
      toCbor([7]),
      toCbor({}),
      toCbor({ number: 0 }),
      toCbor({ number: "7" }),
      toCbor({ number: 7, more: 1 }),
    ];
    for (const body of bodies) expect(open(signRaw(body))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
        expect(open(signRaw(body))).toBeUndefined();
      }),
    );
  });

  it("has one body only: the same value in other bytes does not open", () => {
    const inOrder = toCbor({ note: "x", number: 7 });
    expect(open(signRaw(inOrder))).toEqual({ note: "x", number: 7 });
    const aliases = {
      "keys in another order": "a2666e756d62657207646e6f74656178",
      "the number as a float": "a2646e6f74656178666e756d626572f94700",
      "text that is not UTF-8": "a2646e6f746561ff666e756d62657207",
    };
    for (const body of Object.values(aliases)) expect(open(signRaw(hex(body)))).toBeUndefined();
  });
});

describe("labels", () => {
  const exported: readonly unknown[] = [...Object.values(identity), ...Object.values(work)];
  const labels = exported.flatMap((value) => (Object(value) as { label?: string }).label ?? []);

  it("are one for each kind of statement, and of plain words", () => {
    expect(labels).toHaveLength(11);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z-]*$/);
  });
});

describe("the bytes of a signed statement", () => {
  const parts = fc.record({ body: fc.uint8Array({ maxLength: 700 }), signature: fc.uint8Array({ maxLength: 70_000 }) });

  it("are read as they were written, whatever their lengths", () => {
    fc.assert(
      fc.property(parts, (statement) => {
        expect(readSigned(toCbor(statement))).toEqual(statement);
      }),
    );
    for (const length of [0, 23, 24, 255, 256, 65_535, 65_536]) {
      const statement = { body: new Uint8Array(length), signature: new Uint8Array(length) };
      expect(readSigned(toCbor(statement))).toEqual(statement);
    }
  });

  it("are refused where they are cut, longer, or something else", () => {
    const bytes = toCbor(signed);
    for (let length = 0; length < bytes.length; length++)
      expect(() => readSigned(bytes.subarray(0, length))).toThrow(TypeError);
    expect(() => readSigned(concatBytes(bytes, Uint8Array.of(0)))).toThrow(TypeError);
    expect(() => readSigned(toCbor({ body: "text", signature: new Uint8Array(1) }))).toThrow(TypeError);
    expect(() => readSigned(toCbor({ body: new Uint8Array(1), signatura: new Uint8Array(1) }))).toThrow(TypeError);
  });
});

import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { Compile } from "typebox/compile";
import { describe, expect, it } from "vitest";
import { toCbor } from "../../src/shared/cbor.js";
import { openStatement, signStatement } from "../../src/shared/signed.js";
import { SignedSchema } from "../../src/protocol/statements/identity.js";
import { type TaskManifest, taskManifest } from "../../src/protocol/statements/work.js";
import { filled } from "../fixtures.js";

const signer = createEd25519Signer();
const keysNamed = (length: number): Uint8Array[] => Array.from({ length }, (_, index) => filled(index));
const largest: TaskManifest = {
  number: Number.MAX_SAFE_INTEGER,
  job: signer.publicKey,
  pool: filled(1),
  requirements: {
    engine: "onnx",
    memoryBytes: 1024 ** 4,
    timeLimitMs: 7 * 24 * 3_600_000,
    outputBytes: 1024 ** 3,
    operators: keysNamed(64),
    excludedOperators: keysNamed(64),
  },
  program: filled(2),
  shared: filled(3),
  input: filled(4),
  keys: filled(5),
  maxPrice: "999999999999999",
  maxWork: Number.MAX_SAFE_INTEGER,
};

describe("a task manifest", () => {
  it("of the largest size that its schema allows still travels as a signed statement", () => {
    const signed = signStatement(taskManifest, largest, signer);
    expect(openStatement(taskManifest, signed, signer.publicKey, primitives)).toEqual(largest);
    expect(Compile(SignedSchema).Check(signed)).toBe(true);
  });

  it("says nothing about its requester: no property beyond those listed is taken", () => {
    expect(taskManifest.check(largest)).toBe(true);
    for (const [name, value] of Object.entries({ requester: "x", name: "x", purpose: "x", relay: "x" })) {
      expect(taskManifest.check({ ...largest, [name]: value })).toBe(false);
      expect(taskManifest.check({ ...largest, requirements: { ...largest.requirements, [name]: value } })).toBe(false);
    }
  });

  it("has a body whose bytes do not depend on how the object was built", () => {
    const reversed = Object.fromEntries(Object.entries(largest).toReversed());
    expect(toCbor(reversed)).toEqual(toCbor(largest));
  });
});

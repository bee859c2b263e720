import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { isLowS } from "../src/low-s.js";
import { primitives } from "../src/primitives.js";
import { createEd25519Signer, createSecp256k1Signer, signerFromPem } from "../src/signers.js";
import { hex } from "./fixtures.js";

const message = Buffer.from("a message");
/** A PKCS #8 PEM of a raw Ed25519 seed (RFC 8410, section 7). */
const pemOfSeed = (seed: string): string => {
  const der = Buffer.concat([hex("302e020100300506032b657004220420"), hex(seed)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    .export({ format: "pem", type: "pkcs8" })
    .toString();
};

const exported = (key: ReturnType<typeof generateKeyPairSync>["privateKey"]): string =>
  key.export({ format: "pem", type: "pkcs8" }).toString();

describe("an Ed25519 signer", () => {
  it("has the published public key and signature of RFC 8032, section 7.1, test 3", () => {
    const signer = signerFromPem(pemOfSeed("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
    expect(toHex(signer?.publicKey ?? message)).toBe(
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    );
    expect(toHex(signer?.sign(hex("af82")) ?? message)).toBe(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    );
  });

  it("signs what its public key verifies, and comes back from its PEM as the same key", () => {
    const signer = createEd25519Signer();
    const again = signerFromPem(signer.exportPem());
    expect(primitives.verifyEd25519(signer.publicKey, message, signer.sign(message))).toBe(true);
    expect(again?.publicKey).toEqual(signer.publicKey);
    expect(toHex(again?.sign(message) ?? message)).toBe(toHex(signer.sign(message)));
  });
});

describe("a secp256k1 signer", () => {
  it("signs what its public key verifies, always in the low form that contracts take", () => {
    for (let round = 0; round < 40; round++) {
      const signer = createSecp256k1Signer();
      const signature = signer.sign(message);
      expect(signature).toHaveLength(64);
      expect(isLowS(signature)).toBe(true);
      expect(primitives.verifySecp256k1(signer.publicKey, message, signature)).toBe(true);
    }
  });

  it("has a compressed public key and comes back from its PEM as the same key", () => {
    const signer = createSecp256k1Signer();
    expect(signer.publicKey).toHaveLength(33);
    const again = signerFromPem(signer.exportPem());
    expect(again?.publicKey).toEqual(signer.publicKey);
    expect(primitives.verifySecp256k1(signer.publicKey, message, again?.sign(message) ?? message)).toBe(true);
  });
});

describe("a PEM text", () => {
  it("gives no signer where it holds no private key or another kind of key", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const publicOnly = p256.publicKey.export({ format: "pem", type: "spki" }).toString();
    for (const pem of ["", "not a key", publicOnly, exported(rsa.privateKey), exported(p256.privateKey)]) {
      expect(signerFromPem(pem)).toBeUndefined();
    }
  });
});

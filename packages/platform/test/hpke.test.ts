import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { releaseExporterLabel, toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { createHpkeKey, sendTo } from "../src/hpke.js";
import { hex } from "./fixtures.js";

/** RFC 9180's export interface in base mode for DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256, from HMAC and X25519 alone. */
const empty = Buffer.alloc(0);
const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer =>
  createHmac("sha256", key).update(Buffer.concat(parts)).digest();
const labeled = (suite: Buffer) => ({
  extract: (salt: Uint8Array, label: string, input: Uint8Array) =>
    hmac(salt, Buffer.from("HPKE-v1"), suite, Buffer.from(label), input),
  expand: (secret: Uint8Array, label: string, info: Uint8Array) =>
    hmac(secret, hex("0020"), Buffer.from("HPKE-v1"), suite, Buffer.from(label), info, hex("01")),
});
const suiteOf = (aead: number): Buffer => Buffer.concat([Buffer.from("HPKE"), hex("00200001"), hex(`000${aead}`)]);

function exported(
  parts: { shared: Uint8Array; encapsulated: Uint8Array; recipient: Uint8Array; info: Uint8Array; aead: number },
  context: Uint8Array,
): string {
  const kem = labeled(Buffer.concat([Buffer.from("KEM"), hex("0020")]));
  const hpke = labeled(suiteOf(parts.aead));
  const kemContext = Buffer.concat([parts.encapsulated, parts.recipient]);
  const shared = kem.expand(kem.extract(empty, "eae_prk", parts.shared), "shared_secret", kemContext);
  const schedule = Buffer.concat([
    hex("00"),
    hpke.extract(empty, "psk_id_hash", empty),
    hpke.extract(empty, "info_hash", parts.info),
  ]);
  const exporter = hpke.expand(hpke.extract(shared, "secret", empty), "exp", schedule);
  return toHex(hpke.expand(exporter, "sec", context));
}

const rawPublic = (key: KeyObject): Uint8Array =>
  Uint8Array.from(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));
const publicOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([hex("302a300506032b656e032100"), raw]), format: "der", type: "spki" });
const privateOf = (raw: Uint8Array): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([hex("302e020100300506032b656e04220420"), raw]),
    format: "der",
    type: "pkcs8",
  });
const shared = (own: KeyObject, other: Uint8Array): Uint8Array =>
  diffieHellman({ privateKey: own, publicKey: publicOf(other) });

const info = Buffer.from("Ode on a Grecian Urn");
/** Points whose multiples are few: the shared secret would be zero, whoever sends. */
const lowOrder = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
].map(hex);
const malformed = [new Uint8Array(0), new Uint8Array(31).fill(9), new Uint8Array(33).fill(9)];

describe("the independent composition of HPKE's exports in this file", () => {
  it("gives the exported values of RFC 9180, appendix A.1.1.2", () => {
    const recipient = privateOf(hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"));
    const encapsulated = hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
    const parts = {
      shared: shared(recipient, encapsulated),
      encapsulated,
      recipient: rawPublic(recipient),
      info,
      aead: 1,
    };
    expect(exported(parts, empty)).toBe("3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee");
    expect(exported(parts, hex("00"))).toBe("2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5");
    expect(exported(parts, Buffer.from("TestContext"))).toBe(
      "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
    );
  });
});

describe("a release context", () => {
  it("of the sender is what the independent composition exports with AES-256-GCM", async () => {
    const recipient = generateKeyPairSync("x25519").privateKey;
    const sent = await sendTo(rawPublic(recipient), info);
    const encapsulated = sent?.encapsulated ?? empty;
    const parts = {
      shared: shared(recipient, encapsulated),
      encapsulated,
      recipient: rawPublic(recipient),
      info,
      aead: 2,
    };
    expect(toHex(sent?.secret ?? empty)).toBe(exported(parts, releaseExporterLabel));
  });

  it("of the recipient is what the independent composition exports with AES-256-GCM", async () => {
    const key = await createHpkeKey();
    const ephemeral = generateKeyPairSync("x25519").privateKey;
    const encapsulated = rawPublic(ephemeral);
    const parts = { shared: shared(ephemeral, key.publicKey), encapsulated, recipient: key.publicKey, info, aead: 2 };
    expect(toHex((await key.receive(encapsulated, info)) ?? empty)).toBe(exported(parts, releaseExporterLabel));
  });

  it("is the same on both sides, for this recipient and this info alone", async () => {
    const [key, other] = [await createHpkeKey(), await createHpkeKey()];
    const sent = await sendTo(key.publicKey, info);
    const encapsulated = sent?.encapsulated ?? empty;
    const secret = toHex(sent?.secret ?? empty);
    expect(toHex((await key.receive(encapsulated, info)) ?? empty)).toBe(secret);
    expect(toHex((await other.receive(encapsulated, info)) ?? empty)).not.toBe(secret);
    expect(toHex((await key.receive(encapsulated, Buffer.from("other info"))) ?? empty)).not.toBe(secret);
  });

  it("is fresh each time", async () => {
    const key = await createHpkeKey();
    const [first, second] = [await sendTo(key.publicKey, info), await sendTo(key.publicKey, info)];
    expect(toHex(first?.secret ?? empty)).not.toBe(toHex(second?.secret ?? empty));
    expect(toHex(first?.encapsulated ?? empty)).not.toBe(toHex(second?.encapsulated ?? empty));
  });

  it("works with views into larger buffers, as they come from the network", async () => {
    const key = await createHpkeKey();
    const view = Buffer.concat([Buffer.alloc(7), key.publicKey, Buffer.alloc(9)]).subarray(7, 39);
    const sent = await sendTo(view, info);
    const encapsulated = Buffer.concat([Buffer.alloc(3), sent?.encapsulated ?? empty]).subarray(3);
    expect(toHex((await key.receive(encapsulated, info)) ?? empty)).toBe(toHex(sent?.secret ?? empty));
  });

  it("is not set up with a point of low order or malformed bytes, on either side, and nothing is thrown", async () => {
    const key = await createHpkeKey();
    for (const hostile of [...lowOrder, ...malformed]) {
      expect(await key.receive(hostile, info)).toBeUndefined();
      expect(await sendTo(hostile, info)).toBeUndefined();
    }
  });
});

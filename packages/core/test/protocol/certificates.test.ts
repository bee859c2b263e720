import { createEd25519Signer, createSecp256k1Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import type { Signer } from "../../src/privacy/primitives.js";
import { verifyCertificate } from "../../src/protocol/certificates.js";
import { type AgentCertificate, agentEnrolment, sessionKey } from "../../src/protocol/statements/identity.js";
import { signedBytes } from "../../src/shared/batch-signature.js";
import { concatBytes } from "../../src/shared/bytes.js";
import { toCbor } from "../../src/shared/cbor.js";
import { filled, flipped } from "../fixtures.js";

const names = ["operator", "agent", "evm"] as const;
type Keys = Readonly<Record<(typeof names)[number], Signer>>;

const newKeys = (): Keys => ({
  operator: createEd25519Signer(),
  agent: createEd25519Signer(),
  evm: createSecp256k1Signer(),
});
const keys = newKeys();
const others = newKeys();
const pool = filled(0x70);
const enrolment = {
  operator: keys.operator.publicKey,
  agent: keys.agent.publicKey,
  evm: keys.evm.publicKey,
  pool,
  issuedAt: 1_234_567,
};

/** The signatures of `signers` over a statement with this label and body, as a certificate. */
function certificate(
  body: Uint8Array = toCbor(enrolment),
  signers: Partial<Keys> = {},
  label = agentEnrolment.label,
): AgentCertificate {
  const { operator, agent, evm } = { ...keys, ...signers };
  const message = signedBytes(label, body);
  return {
    body,
    operatorSignature: operator.sign(message),
    agentSignature: agent.sign(message),
    evmSignature: evm.sign(message),
  };
}

const open = (given: AgentCertificate, at = pool) => verifyCertificate(given, at, primitives);

describe("an agent's certificate", () => {
  it("that operator and both of the agent's keys signed opens at its pool", () => {
    expect(open(certificate())).toEqual(enrolment);
  });

  it("does not open at another pool, whoever signed it", () => {
    expect(open(certificate(), filled(0x71))).toBeUndefined();
    expect(open(certificate(), pool.subarray(1))).toBeUndefined();
    expect(open(certificate(toCbor({ ...enrolment, pool: filled(0x71) })))).toBeUndefined();
  });

  it.each(names)("does not open with any bit changed in the signature by the %s key", (name) => {
    const genuine = certificate();
    const signature = genuine[`${name}Signature`];
    for (const index of signature.keys()) {
      expect(open({ ...genuine, [`${name}Signature`]: flipped(signature, index) })).toBeUndefined();
    }
    expect(open({ ...genuine, [`${name}Signature`]: new Uint8Array(0) })).toBeUndefined();
    expect(open({ ...genuine, [`${name}Signature`]: concatBytes(signature, filled(0, 1)) })).toBeUndefined();
  });

  it.each(names)("does not open when another than the %s key that it names has signed", (name) => {
    expect(open(certificate(undefined, { [name]: others[name] }))).toBeUndefined();
  });

  it.each(names)("does not open when it names another %s key than the one that signed", (name) => {
    const body = toCbor({ ...enrolment, [name]: others[name].publicKey });
    expect(open(certificate(body))).toBeUndefined();
    expect(open(certificate(body, { [name]: others[name] }))).toBeDefined(); // the one it names makes it another agent's
  });

  it("does not open when operator and agent have signed for each other", () => {
    expect(open(certificate(undefined, { operator: keys.agent, agent: keys.operator }))).toBeUndefined();
  });

  it("does not open with signatures of the same bytes as another kind of statement", () => {
    expect(open(certificate(undefined, {}, sessionKey.label))).toBeUndefined();
    const genuine = certificate();
    const mislabelled = certificate(undefined, {}, sessionKey.label);
    for (const name of names) {
      const key = `${name}Signature` as const;
      expect(open({ ...genuine, [key]: mislabelled[key] })).toBeUndefined();
    }
  });

  it("does not open with any bit of its body changed, or with other bytes for the same values", () => {
    const genuine = certificate();
    for (const index of genuine.body.keys()) {
      expect(open({ ...genuine, body: flipped(genuine.body, index) })).toBeUndefined();
    }
    expect(open(certificate(concatBytes(genuine.body, filled(0, 1))))).toBeUndefined();
  });

  it.each<[string, object]>([
    ["with a field too many", { ...enrolment, more: 1 }],
    ["with a key of another length", { ...enrolment, agent: filled(1, 31) }],
    ["with an instant that is none", { ...enrolment, issuedAt: -1 }],
  ])("does not open %s, though all three have signed it", (_what, statement) => {
    expect(open(certificate(toCbor(statement)))).toBeUndefined();
  });

  it("never throws at hostile bytes in the place of body and signatures", () => {
    const rubbish = [new Uint8Array(0), filled(0xff, 64), filled(0x81, 1_000)];
    for (const bytes of rubbish) {
      const [operatorSignature, agentSignature, evmSignature] = [bytes, bytes, bytes];
      expect(open({ ...certificate(), body: bytes })).toBeUndefined();
      expect(open({ ...certificate(), operatorSignature, agentSignature, evmSignature })).toBeUndefined();
    }
  });
});

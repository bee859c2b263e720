import { createEd25519Signer } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../../src/shared/bytes.js";
import type { QuorumCertificate } from "../../../src/verification/certificate/quorum-certificate.js";
import type { ResultStatement } from "../../../src/verification/certificate/result-statement.js";
import { RevokedAgents } from "../../../src/verification/certificate/revocations.js";
import { verifyQuorumCertificate } from "../../../src/verification/certificate/verify.js";
import { filled, flipped, known } from "../../fixtures.js";
import {
  agentsInOrder,
  certificateBy,
  demandOf,
  domain,
  enrolledAgent,
  pool,
  primitives,
  revocationOf,
  signerOf,
  sortedByOperator,
  statement,
} from "./fixtures.js";

const agents = agentsInOrder(3);
const [first, second, third] = agents.map((agent) => known(agent)) as [
  (typeof agents)[0],
  (typeof agents)[0],
  (typeof agents)[0],
];
const genuine = certificateBy(agents);

const verify = (certificate: QuorumCertificate, demand = demandOf()) =>
  verifyQuorumCertificate(certificate, demand, primitives);
/** What is said of the genuine certificate with another signature by its second signer. */
const withSignature = (signature: Uint8Array) =>
  verify({ ...genuine, signers: [signerOf(first), { ...signerOf(second), signature }, signerOf(third)] });

/** The other of the two s with which r||s holds, and the v that goes with it. */
function malleated(signature: Uint8Array): Uint8Array {
  const order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;
  const s = order - BigInt(`0x${toHex(signature.subarray(32, 64))}`);
  const high = known(fromHex(s.toString(16).padStart(64, "0")));
  return concatBytes(signature.subarray(0, 32), high, Uint8Array.of(55 - (signature[64] ?? 0)));
}

describe("a quorum certificate", () => {
  it("tells who has signed it, where three operators have", () => {
    const signers = verify(genuine);
    expect(signers).toMatchObject(
      agents.map(({ operator, agent, evm }) => ({
        operator: operator.publicKey,
        agent: agent.publicKey,
        evm: evm.publicKey,
      })),
    );
    expect(verify(genuine, demandOf({ quorum: 1, chainId: undefined }))).toEqual(signers);
  });

  it("is refused with fewer operators than demanded, and a demand of none is no demand", () => {
    expect(verify(genuine, demandOf({ quorum: 4 }))).toBe("too-few-operators");
    for (const quorum of [0, -1, 1.5, Number.NaN]) expect(verify(genuine, demandOf({ quorum }))).toBe("quorum-invalid");
    expect(verify({ ...genuine, signers: [] }, demandOf({ quorum: 0 }))).toBe("quorum-invalid");
  });

  it("is refused for another chain, though its signers would have to sign for that one to be right", () => {
    expect(verify(genuine, demandOf({ chainId: 1 }))).toBe("other-chain");
    const relabelled = { ...genuine, domain: { ...domain, chainId: 1 } };
    expect(verify(relabelled, demandOf({ chainId: 1 }))).toBe("signature-wrong");
  });

  it("is refused for another pool, by its name and by its enrolments", () => {
    const elsewhere = filled(0x71);
    expect(verify(genuine, demandOf({ pool: elsewhere }))).toBe("other-pool");
    const relabelled = { ...genuine, domain: { ...domain, pool: elsewhere } };
    expect(verify(relabelled, demandOf({ pool: elsewhere }))).toBe("enrolment-invalid");
    const stranger = enrolledAgent({ operator: second.operator, pool: elsewhere });
    expect(verify(certificateBy([first, stranger, third]))).toBe("enrolment-invalid");
  });

  it("is refused when one operator comes twice, be it the same signature or another agent's", () => {
    expect(verify(certificateBy([first, second, second]))).toBe("operator-repeated");
    const sibling = enrolledAgent({ operator: second.operator });
    expect(verify(certificateBy([first, second, sibling]))).toBe("operator-repeated");
  });

  it("is refused when one agent, or one key, comes under two operators", () => {
    const shared = enrolledAgent({ agent: second.agent });
    expect(verify(certificateBy([first, second, shared]))).toBe("agent-repeated");
    const sameKey = enrolledAgent({ evm: second.evm });
    expect(verify(certificateBy([first, second, sameKey]))).toBe("key-repeated");
  });

  it("is refused out of the order by which contracts see that operators differ", () => {
    expect(verify(certificateBy([second, first, third]))).toBe("signers-unordered");
  });

  it("is refused when an agent is revoked by its own operator, and by nobody else", () => {
    const revoked = new RevokedAgents();
    expect(revoked.add(revocationOf(second, createEd25519Signer()), pool, primitives)).toBe(true); // of a stranger's agent
    expect(verify(genuine, demandOf({ revoked }))).toHaveLength(3);
    expect(revoked.add(revocationOf(second, second.operator, filled(0x71)), pool, primitives)).toBe(false);
    const { body, signature } = revocationOf(second);
    expect(revoked.add({ body, signature: flipped(signature, 3) }, pool, primitives)).toBe(false);
    expect(verify(genuine, demandOf({ revoked }))).toHaveLength(3);
    expect(revoked.add({ body, signature }, pool, primitives)).toBe(true);
    expect(verify(genuine, demandOf({ revoked }))).toBe("agent-revoked");
  });

  it("is refused with a signature in its other form, which anybody can make", () => {
    expect(withSignature(malleated(signerOf(second).signature))).toBe("signature-high-s");
  });

  it("is refused with another v, and one that contracts do not know", () => {
    const { signature } = signerOf(second);
    const withV = (v: number) => withSignature(concatBytes(signature.subarray(0, 64), Uint8Array.of(v)));
    expect(withV(55 - (signature[64] ?? 0))).toBe("signature-wrong");
    for (const v of [0, 1, 26, 29, 255]) expect(withV(v)).toBe("signature-malformed");
  });

  it("is refused with a signature that is cut, too long, zero or another agent's", () => {
    const { signature } = signerOf(second);
    expect(withSignature(signature.subarray(0, 64))).toBe("signature-malformed");
    expect(withSignature(concatBytes(signature, filled(0, 1)))).toBe("signature-malformed");
    expect(withSignature(new Uint8Array(0))).toBe("signature-malformed");
    expect(withSignature(concatBytes(new Uint8Array(64), Uint8Array.of(27)))).toBe("signature-wrong");
    expect(withSignature(signerOf(first).signature)).toBe("signature-wrong");
  });

  it("is refused when the key that signed is not the one that is enrolled", () => {
    const { enrolment } = second;
    const { signature } = signerOf(enrolledAgent());
    expect(verify({ ...genuine, signers: [signerOf(first), { enrolment, signature }, signerOf(third)] })).toBe(
      "signature-wrong",
    );
    const forged = { ...enrolment, operatorSignature: first.enrolment.operatorSignature };
    expect(
      verify(
        { ...genuine, signers: [signerOf(first), { ...signerOf(second), enrolment: forged }] },
        demandOf({ quorum: 2 }),
      ),
    ).toBe("enrolment-invalid");
  });

  it.each(["program", "shared", "input", "result"] as const)("is refused with any bit of its %s changed", (field) => {
    fc.assert(
      fc.property(fc.nat(31), fc.nat(7), (index, bit) => {
        const altered = statement[field].map((byte, at) => (at === index ? byte ^ (1 << bit) : byte));
        expect(verify({ ...genuine, statement: { ...statement, [field]: altered } })).toBe("signature-wrong");
      }),
      { numRuns: 20 },
    );
  });

  it.each<Partial<ResultStatement>>([
    { engine: "wasm deno-2.9.6" },
    { engine: "js deno-2.9.5" },
    { memoryBytes: statement.memoryBytes + 1 },
    { program: statement.input, input: statement.program },
  ])("is refused with %o", (change) => {
    expect(verify({ ...genuine, statement: { ...statement, ...change } })).toBe("signature-wrong");
  });

  it("of 10,000 signers is refused before one signature is looked at", () => {
    const many = { ...genuine, signers: Array.from({ length: 10_000 }, () => known(genuine.signers[0])) };
    const costly = { ...primitives, openEnrolment: () => expect.unreachable("it has looked") };
    expect(verifyQuorumCertificate(many, demandOf(), costly)).toBe("too-many-signers");
  });

  it("may have as many signers as a task has runs", () => {
    const crowd = sortedByOperator(Array.from({ length: 32 }, () => enrolledAgent()));
    expect(verify(certificateBy(crowd), demandOf({ quorum: 32 }))).toHaveLength(32);
  });
});

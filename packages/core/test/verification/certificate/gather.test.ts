import { describe, expect, it } from "vitest";
import {
  openAttestation,
  sealAttestation,
  sealedAttestationBytes,
} from "../../../src/verification/certificate/attestation.js";
import { gatherCertificate } from "../../../src/verification/certificate/gather.js";
import { noShared, resultStatement } from "../../../src/verification/certificate/result-statement.js";
import { RevokedAgents } from "../../../src/verification/certificate/revocations.js";
import { verifyQuorumCertificate } from "../../../src/verification/certificate/verify.js";
import { counting, filled, flipped, known } from "../../fixtures.js";
import {
  agentsInOrder,
  demandOf,
  domain,
  enrolledAgent,
  pool,
  primitives,
  revocationOf,
  signerOf,
  statement,
  type TestAgent,
} from "./fixtures.js";

const content = filled(0xc0);
const agents = agentsInOrder(3);
const [first, second, third] = agents as [TestAgent, TestAgent, TestAgent];

/** What an honest agent sends about a run that gave this. */
function attestationBy(agent: TestAgent, said = statement, key = content) {
  const { signature } = signerOf(agent, said);
  return { enrolment: agent.enrolment, sealed: sealAttestation(signature, agent.agent.publicKey, key, primitives) };
}

function gather(attestations: readonly ReturnType<typeof attestationBy>[], revoked = new RevokedAgents()) {
  return gatherCertificate({ content, statement, domain, attestations, revoked }, primitives);
}

describe("an attestation", () => {
  it("opens under the task's key for the agent that it is of, and only so", () => {
    const { signature } = signerOf(first);
    const agent = first.agent.publicKey;
    const sealed = sealAttestation(signature, agent, content, primitives);
    expect(sealed).toHaveLength(sealedAttestationBytes);
    expect(openAttestation(sealed, agent, content, primitives)).toEqual(signature);
    expect(openAttestation(sealed, second.agent.publicKey, content, primitives)).toBeUndefined();
    expect(openAttestation(sealed, agent, filled(0xc1), primitives)).toBeUndefined();
    expect(openAttestation(sealed.subarray(1), agent, content, primitives)).toBeUndefined();
    for (const index of sealed.keys()) {
      expect(openAttestation(flipped(sealed, index), agent, content, primitives)).toBeUndefined();
    }
  });

  it("shows the pool neither the signature nor whether two are alike", () => {
    const { signature } = signerOf(first);
    const seal = () => Buffer.from(sealAttestation(signature, first.agent.publicKey, content, primitives));
    expect(seal().includes(Buffer.from(signature.subarray(0, 8)))).toBe(false);
    expect(seal().equals(seal())).toBe(false);
  });

  it("is of a signature, not of anything else", () => {
    expect(() => sealAttestation(filled(1, 64), first.agent.publicKey, content, primitives)).toThrow("65 bytes");
  });
});

describe("a gathered certificate", () => {
  it("verifies, in whichever order the attestations came", () => {
    const { certificate, refused } = gather([third, first, second].map((agent) => attestationBy(agent)));
    expect(refused.size).toBe(0);
    expect(verifyQuorumCertificate(certificate, demandOf(), primitives)).toHaveLength(3);
    expect(certificate.signers.map(({ enrolment }) => enrolment)).toEqual(agents.map(({ enrolment }) => enrolment));
  });

  it("leaves out what does not hold, and says why", () => {
    const revoked = new RevokedAgents();
    revoked.add(revocationOf(second), pool, primitives);
    const stolen = { ...attestationBy(first), enrolment: third.enrolment };
    const { certificate, refused } = gather(
      [
        attestationBy(first),
        attestationBy(enrolledAgent({ operator: first.operator })),
        attestationBy(second),
        stolen,
        attestationBy(third, { ...statement, result: filled(0x45) }),
        attestationBy(enrolledAgent({ pool: filled(0x71) })),
        attestationBy(enrolledAgent(), statement, filled(0xc1)),
        attestationBy(third),
      ],
      revoked,
    );
    expect([...refused]).toEqual([
      [1, "operator-repeated"],
      [2, "agent-revoked"],
      [3, "unopened"],
      [4, "signature-wrong"],
      [5, "enrolment-invalid"],
      [6, "unopened"],
    ]);
    expect(verifyQuorumCertificate(certificate, demandOf({ quorum: 2 }), primitives)).toHaveLength(2);
  });

  it("takes no more signers than a certificate may have", () => {
    const crowd = Array.from({ length: 33 }, () => attestationBy(enrolledAgent()));
    const { certificate, refused } = gather(crowd);
    expect(certificate.signers).toHaveLength(32);
    expect([...refused]).toEqual([[32, "too-many-signers"]]);
  });
});

describe("the statement of a run", () => {
  const run = {
    program: counting(100),
    input: counting(7),
    memoryBytes: 5_000_000,
    engine: "js deno-2.9.5",
    result: counting(9),
  };

  it("has the SHA-256 of each part, and zeros where nothing was shared", () => {
    expect(resultStatement(run, primitives)).toEqual({
      program: primitives.sha256(run.program),
      shared: noShared,
      input: primitives.sha256(run.input),
      memoryBytes: 5_000_000,
      engine: "js deno-2.9.5",
      result: primitives.sha256(run.result),
    });
    const withShared = resultStatement({ ...run, shared: new Uint8Array(0) }, primitives);
    expect(known(withShared.shared)).toEqual(primitives.sha256()); // nothing, shared, is something
  });
});

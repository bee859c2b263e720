import {
  createEd25519Signer,
  createSecp256k1Signer,
  evmPrimitives,
  type EvmSigner,
  primitives as platform,
} from "@aegis-pool/platform";
import type { Signer } from "../../../src/privacy/primitives.js";
import { verifyCertificate } from "../../../src/protocol/certificates.js";
import { type AgentCertificate, agentEnrolment, agentRevocation } from "../../../src/protocol/statements/identity.js";
import { signedBytes } from "../../../src/shared/batch-signature.js";
import { toHex } from "../../../src/shared/bytes.js";
import { toCbor } from "../../../src/shared/cbor.js";
import { type Signed, signStatement } from "../../../src/shared/signed.js";
import type { CertificateSigner, QuorumCertificate } from "../../../src/verification/certificate/quorum-certificate.js";
import type { ResultStatement } from "../../../src/verification/certificate/result-statement.js";
import { RevokedAgents } from "../../../src/verification/certificate/revocations.js";
import { signResult } from "../../../src/verification/certificate/signature.js";
import type { CertificateDomain } from "../../../src/verification/certificate/typed-data.js";
import type { CertificateDemand, CertificatePrimitives } from "../../../src/verification/certificate/verify.js";
import { filled } from "../../fixtures.js";

export const primitives: CertificatePrimitives = {
  ...platform,
  ...evmPrimitives,
  openEnrolment: (certificate, pool) => verifyCertificate(certificate, pool, platform),
};

export const pool = filled(0x70);
export const domain: CertificateDomain = { pool, chainId: 31_337 };
export const statement: ResultStatement = {
  program: filled(0x11),
  shared: filled(0x22),
  input: filled(0x33),
  memoryBytes: 268_435_456,
  engine: "wasm deno-2.9.5",
  result: filled(0x44),
};

export interface TestAgent {
  readonly operator: Signer;
  readonly agent: Signer;
  readonly evm: EvmSigner;
  readonly enrolment: AgentCertificate;
}

/** An agent that is enrolled, but for what `change` says. */
export function enrolledAgent(
  change: Partial<Pick<TestAgent, "operator" | "agent" | "evm">> & { pool?: Uint8Array } = {},
): TestAgent {
  const { operator = createEd25519Signer(), agent = createEd25519Signer(), evm = createSecp256k1Signer() } = change;
  const keys = { operator: operator.publicKey, agent: agent.publicKey, evm: evm.publicKey };
  const body = toCbor({ ...keys, pool: change.pool ?? pool, issuedAt: 1_234_567 });
  const message = signedBytes(agentEnrolment.label, body);
  const [operatorSignature, agentSignature, evmSignature] = [operator, agent, evm].map((key) => key.sign(message));
  if (!operatorSignature || !agentSignature || !evmSignature) throw new TypeError("three keys sign");
  return { operator, agent, evm, enrolment: { body, operatorSignature, agentSignature, evmSignature } };
}

/** Agents of so many operators, in the order of the operators' keys. */
export function agentsInOrder(count: number): TestAgent[] {
  return sortedByOperator(Array.from({ length: count }, () => enrolledAgent()));
}

export function sortedByOperator(agents: readonly TestAgent[]): TestAgent[] {
  return agents.toSorted((a, b) => (toHex(a.operator.publicKey) < toHex(b.operator.publicKey) ? -1 : 1));
}

/** What this agent signs, as a certificate has it. */
export function signerOf({ enrolment, evm }: TestAgent, said = statement, where = domain): CertificateSigner {
  return { enrolment, signature: signResult(said, where, evm, primitives) };
}

export function certificateBy(agents: readonly TestAgent[]): QuorumCertificate {
  return { domain, statement, signers: agents.map((agent) => signerOf(agent)) };
}

export function demandOf(change: Partial<CertificateDemand> = {}): CertificateDemand {
  return { pool, chainId: domain.chainId, quorum: 3, revoked: new RevokedAgents(), ...change };
}

/** What an operator signs to take an agent's enrolment back. */
export function revocationOf(agent: TestAgent, operator = agent.operator, at = pool): Signed {
  const revoked = { operator: operator.publicKey, agent: agent.agent.publicKey, pool: at, revokedAt: 2_345_678 };
  return signStatement(agentRevocation, revoked, operator);
}

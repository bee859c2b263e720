import { certify } from "@aegis-pool/agent";
import { encodeCertificate, type QuorumCertificate, resultStatement, signResult, toHex } from "@aegis-pool/core";
import { createEd25519Signer, createSecp256k1Signer, evmPrimitives, primitives } from "@aegis-pool/platform";

/** What certificates are of: a pool of nobody's, on the chain that benchmarks start. */
export const domain = { pool: createEd25519Signer().publicKey, chainId: 31_337 };

/** Agents of so many operators, in the order of the operators' keys. */
export function enrolledAgents(count: number) {
  const agents = Array.from({ length: count }, () => {
    const [operator, agent, evm] = [createEd25519Signer(), createEd25519Signer(), createSecp256k1Signer()];
    const enrolment = certify({ operator, agent, evm }, domain.pool, Date.now());
    return { operator: toHex(operator.publicKey), evm, enrolment };
  });
  return agents.toSorted((a, b) => (a.operator < b.operator ? -1 : 1));
}

export type EnrolledAgents = ReturnType<typeof enrolledAgents>;

/** What these agents say of the `number`-th task. Nothing of it is verified here, so nothing is remembered. */
export function certificateBy(agents: EnrolledAgents, number: number): QuorumCertificate {
  const program = Buffer.from("program");
  const [input, result] = [Buffer.from(`\x01${number}`), Buffer.from(`\x01${number ** 2}`)];
  const statement = resultStatement(
    { program, input, memoryBytes: 2 ** 28, engine: "wasm deno-2.9.5", result },
    primitives,
  );
  const signers = agents.map(({ enrolment, evm }) => {
    const signature = signResult(statement, domain, evm, { ...primitives, ...evmPrimitives });
    return { enrolment, signature };
  });
  return { domain, statement, signers };
}

export function fileOf(certificate: QuorumCertificate): Uint8Array {
  return encodeCertificate(certificate, primitives.text);
}

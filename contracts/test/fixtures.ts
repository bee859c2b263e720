import { certify } from "@aegis-pool/agent";
import {
  type AgentCertificate,
  type AgreedTask,
  type QuorumCertificate,
  resultStatement,
  type ResultStatement,
  RevokedAgents,
  sealAttestation,
  signResult,
  toHex,
} from "@aegis-pool/core";
import {
  createEd25519Signer,
  createSecp256k1Signer,
  evmAddress,
  evmPrimitives,
  type EvmSigner,
  primitives,
} from "@aegis-pool/platform";
import { gatherQuorum } from "@aegis-pool/sdk";
import type { Hex } from "viem";

/** An enrolled agent, by what contracts know of it. */
export interface ChainAgent {
  readonly address: Hex;
  /** Its operator's key. */
  readonly operator: Hex;
  readonly evm: EvmSigner;
  readonly key: Uint8Array;
  readonly enrolment: AgentCertificate;
}

export const hex = (bytes: Uint8Array): Hex => `0x${toHex(bytes)}`;

/** The pool's key. */
export const pool = new Uint8Array(32).fill(0x70);
/** The result's tagged bytes: JSON. */
export const value = Buffer.from('\x01{"score":712}');
export const statement: ResultStatement = resultStatement(
  {
    program: Buffer.from("a program"),
    input: Buffer.from('\x01"an input"'),
    memoryBytes: 268_435_456,
    engine: "wasm deno-2.9.5",
    result: value,
  },
  primitives,
);

export function chainAgent(operator = createEd25519Signer()): ChainAgent {
  const [agent, evm] = [createEd25519Signer(), createSecp256k1Signer()];
  return {
    address: hex(evmAddress(evm.publicKey)),
    operator: hex(operator.publicKey),
    evm,
    key: agent.publicKey,
    enrolment: certify({ operator, agent, evm }, pool, 1_234_567),
  };
}

/** As many agents, each of an operator of its own, in the order of the operators' keys. */
export function agentsInOrder(count: number): ChainAgent[] {
  const agents = Array.from({ length: count }, () => chainAgent());
  return agents.toSorted((a, b) => (a.operator < b.operator ? -1 : 1));
}

/** The agent's signature of the statement, r||s||v. */
export function signatureOf({ evm }: ChainAgent, chainId: number, at = pool, said = statement): Uint8Array {
  return signResult(said, { pool: at, chainId }, evm, { ...primitives, ...evmPrimitives });
}

/** The certificate that a requester makes of what these agents have sealed for it. */
export function certificateBy(agents: readonly ChainAgent[], chainId: number): QuorumCertificate {
  const content = new Uint8Array(32).fill(0xc0);
  const attestations = agents.map((agent) => ({
    enrolment: agent.enrolment,
    sealed: sealAttestation(signatureOf(agent, chainId), agent.key, content, primitives),
  }));
  const task: AgreedTask = {
    content,
    statement,
    domain: { pool, chainId },
    attestations,
    revoked: new RevokedAgents(),
  };
  return gatherQuorum(task).certificate;
}

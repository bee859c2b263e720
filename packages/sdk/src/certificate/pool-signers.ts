import {
  AgentCertificate,
  type AgentEnrolment,
  Check,
  parseCbor,
  RevokedAgents,
  type Signed,
  SignedSchema,
  toHex,
  Type,
} from "@aegis-pool/core";
import { evmAddress, primitives } from "@aegis-pool/platform";
import { formatEvmAddress } from "../evm-address.js";
import { openCertificate } from "../job/known-certificates.js";
import type { VerifiedQuorum } from "./quorum.js";
import type { PoolClient } from "../pool-client/pool-client.js";

/** An agent whose signatures count, as a registry on chain wants it. Keys in hexadecimal. */
export interface PoolSigner {
  /** In the mixed case of ERC-55. */
  readonly address: string;
  readonly operator: string;
  readonly agent: string;
}

/** Who signs at a pool, by its whole log. */
export interface PoolSigners {
  readonly signers: readonly PoolSigner[];
  /** Each signed by the agent's operator. */
  readonly revocations: readonly Signed[];
}

const AgentEntry = Type.Object({ kind: Type.Literal("agent"), certificate: AgentCertificate });
const RevocationEntry = Type.Object({ kind: Type.Literal("revocation"), revocation: SignedSchema });

/**
 * Reads the pool's log to its signed end. Entries that are not genuine count for nothing: the pool cannot revoke or enrol anybody itself.
 * @throws {AegisError} `log-mismatch` where something was left out or added
 */
export async function readPoolSigners(client: PoolClient): Promise<PoolSigners> {
  const entries = (await client.log.entries()).map((entry) => parseCbor(entry));
  const enrolled = entries.filter((entry) => Check(AgentEntry, entry));
  const revocations = entries.filter((entry) => Check(RevocationEntry, entry)).map(({ revocation }) => revocation);
  const revoked = revokedAgents(revocations, client.key);
  const agents = enrolled.map(({ certificate }) => openCertificate(certificate, client.key));
  const standing = agents.filter((agent) => agent !== undefined).filter((agent) => !revoked.has(agent));
  return { signers: standing.map(toSigner), revocations };
}

/** The agents that these revoke; those that are not genuine, or for another pool, count for nothing. */
export function revokedAgents(revocations: readonly Signed[], pool: Uint8Array): RevokedAgents {
  const revoked = new RevokedAgents();
  for (const signed of revocations) revoked.add(signed, pool, primitives);
  return revoked;
}

/** Who has signed a certificate, as a registry would have them. */
export function signersOf({ signers }: VerifiedQuorum): PoolSigner[] {
  return signers.map(toSigner);
}

function toSigner({ evm, operator, agent }: AgentEnrolment): PoolSigner {
  return { address: formatEvmAddress(toHex(evmAddress(evm))), operator: toHex(operator), agent: toHex(agent) };
}

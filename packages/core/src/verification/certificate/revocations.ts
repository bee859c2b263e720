import type { Primitives } from "../../privacy/primitives.js";
import { type AgentEnrolment, agentRevocation } from "../../protocol/statements/identity.js";
import { equalBytes, toHex } from "../../shared/bytes.js";
import { openOwnStatement, type Signed } from "../../shared/signed.js";

/** Agents whose operators have taken their enrolment back. */
export class RevokedAgents {
  /** Operator and agent of each. */
  readonly #revoked = new Set<string>();

  /** Takes note of a revocation; false where it is none for this pool by the operator that it names. */
  add(signed: Signed, pool: Uint8Array, primitives: Primitives): boolean {
    const statement = openOwnStatement(agentRevocation, signed, ({ operator }) => operator, primitives);
    if (!statement || !equalBytes(statement.pool, pool)) return false;
    this.#revoked.add(nameOf(statement));
    return true;
  }

  /** Whether the agent's own operator has revoked it: nobody else can. */
  has(enrolment: Pick<AgentEnrolment, "operator" | "agent">): boolean {
    return this.#revoked.has(nameOf(enrolment));
  }
}

function nameOf({ operator, agent }: Pick<AgentEnrolment, "operator" | "agent">): string {
  return `${toHex(operator)} ${toHex(agent)}`;
}

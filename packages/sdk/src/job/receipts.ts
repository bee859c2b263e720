import {
  AegisError,
  type AgentCertificate,
  equalBytes,
  openStatement,
  type ReceiptStatement,
  receiptStatement,
  type RunStatement,
  runStatement,
  type Signed,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { openCertificate } from "./known-certificates.js";

/** Everything that shows, offline, what was run by whom and what it cost. */
export interface ReceiptBundle {
  readonly certificate: AgentCertificate;
  readonly run: Signed;
  readonly receipt: Signed;
}

/** What a verified receipt says. */
export interface VerifiedReceipt {
  readonly run: RunStatement;
  readonly receipt: ReceiptStatement;
  /** The operator's Ed25519 key. */
  readonly operator: Uint8Array;
}

/**
 * Verifies a receipt against nothing but the pool's key.
 * @throws {AegisError} `bad-signature` that names the part which does not hold
 */
export function verifyReceipt(bundle: ReceiptBundle, pool: Uint8Array): VerifiedReceipt {
  const enrolment = openCertificate(bundle.certificate, pool);
  if (!enrolment) throw invalid("the agent's certificate");
  const run = openStatement(runStatement, bundle.run, enrolment.agent, primitives);
  if (!run || !equalBytes(run.agent, enrolment.agent)) throw invalid("the agent's statement of the run");
  const receipt = openStatement(receiptStatement, bundle.receipt, pool, primitives);
  if (!receipt || !equalBytes(receipt.pool, pool)) throw invalid("the pool's receipt");
  const belongs =
    receipt.number === run.number &&
    receipt.fence === run.fence &&
    equalBytes(receipt.agent, enrolment.agent) &&
    equalBytes(receipt.operator, enrolment.operator) &&
    equalBytes(receipt.run, primitives.sha256(bundle.run.body));
  if (!belongs) throw invalid("the link between run and receipt");
  if (BigInt(receipt.reward) + BigInt(receipt.fee) !== BigInt(receipt.charge)) throw invalid("the sum of the amounts");
  return { run, receipt, operator: enrolment.operator };
}

function invalid(part: string): AegisError {
  return new AegisError({
    code: "bad-signature",
    message: `The receipt does not verify: ${part} is not genuine.`,
    next: "Check that the pool's key is the right one; if it is, the receipt was changed or forged.",
  });
}

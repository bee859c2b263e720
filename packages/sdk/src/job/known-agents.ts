import {
  type AgentCertificate,
  allowsOperator,
  equalBytes,
  openStatement,
  releaseInfo,
  type ReleaseContext,
  type Requirements,
  sessionKey,
  type Signed,
  toHex,
} from "@aegis-pool/core";
import { primitives, sendTo } from "@aegis-pool/platform";
import type { LogWatch } from "../pool-client/log-watch.js";
import { openCertificate } from "./known-certificates.js";

/** An agent session that may get keys. */
export interface TrustedAgent {
  /** The agent's Ed25519 key. */
  readonly key: Uint8Array;
  /** The operator's Ed25519 key. */
  readonly operator: Uint8Array;
  /** The one HPKE context between this job and this session. */
  readonly context: ReleaseContext;
}

/** Why an agent gets no key. */
export type Distrust = "certificate-invalid" | "session-invalid" | "operator-excluded" | "not-in-log";

/**
 * Decides whether an agent session that the pool names may get keys: its operator vouches for it, it signed its session
 * key for this pool and for now, the requester's own choice of operators allows it, and the log holds its enrolment.
 */
export async function trustAgent(
  agent: { readonly certificate: AgentCertificate; readonly session: Signed },
  job: { readonly key: Uint8Array; readonly log: LogWatch; readonly requirements: Requirements },
): Promise<TrustedAgent | Distrust> {
  const enrolment = openCertificate(agent.certificate, job.log.pool);
  if (!enrolment) return "certificate-invalid";
  const session = openStatement(sessionKey, agent.session, enrolment.agent, primitives);
  const now = Date.now();
  const own = session && equalBytes(session.pool, job.log.pool) && equalBytes(session.agent, enrolment.agent);
  if (!own || session.notAfter <= now) return "session-invalid";
  if (!allowsOperator(job.requirements, enrolment.operator)) return "operator-excluded";
  try {
    await job.log.requireEnrolment(agent.certificate, toHex(enrolment.agent));
  } catch {
    return "not-in-log"; // the next call to the pool says what is wrong with its log
  }
  const info = releaseInfo({
    pool: job.log.pool,
    job: job.key,
    agent: enrolment.agent,
    session: primitives.sha256(agent.session.body),
  });
  const context = await sendTo(session.hpke, info);
  if (!context) return "session-invalid";
  return { key: enrolment.agent, operator: enrolment.operator, context };
}

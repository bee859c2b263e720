import {
  type AgentCertificate,
  allowsOperator,
  attestationAsked,
  type AttestationEvidence,
  type AttestationRefusal,
  equalBytes,
  openStatement,
  type PinnedRoot,
  policyMismatch,
  protocolLimits,
  releaseInfo,
  type ReleaseContext,
  type Requirements,
  type SessionKey,
  sessionKey,
  type Signed,
  toHex,
  verifyEvidence,
} from "@aegis-pool/core";
import { attestationPlatform, primitives, sendTo } from "@aegis-pool/platform";
import type { LogWatch } from "../pool-client/log-watch.js";
import { patiently } from "../pool-client/patiently.js";
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

/** How often an agent's enrolment is looked up while the connection breaks: with a second before each, less than a match waits for its keys. */
const lookups = 4;

/** Why an agent gets no key. */
export type Distrust =
  | "certificate-invalid"
  | "session-invalid"
  | "operator-excluded"
  | "not-in-log"
  /** The task is for attested machines, and this one shows nothing, or something that is refused by this name. */
  | "not-attested"
  | AttestationRefusal;

/** An agent as the pool introduces it, who is not believed about anything that is not signed. */
interface IntroducedAgent {
  readonly certificate: AgentCertificate;
  readonly session: Signed;
  readonly attestation?: AttestationEvidence;
}

/**
 * Decides whether an agent session that the pool names may get keys: its operator vouches for it, it signed its session
 * key for this pool and for now, the requester's own choice of operators allows it, its machine has proven what the task asks for, and the log
 * holds its enrolment.
 */
export async function trustAgent(
  agent: IntroducedAgent,
  job: {
    readonly key: Uint8Array;
    readonly log: LogWatch;
    readonly requirements: Requirements;
    readonly attestationRoots: readonly PinnedRoot[];
    /** Whether anybody still waits for the answer. */
    readonly isOpen: () => boolean;
  },
): Promise<TrustedAgent | Distrust> {
  const enrolment = openCertificate(agent.certificate, job.log.pool);
  if (!enrolment) return "certificate-invalid";
  const session = openStatement(sessionKey, agent.session, enrolment.agent, primitives);
  const now = Date.now();
  const own = session && equalBytes(session.pool, job.log.pool) && equalBytes(session.agent, enrolment.agent);
  if (!own || !isForNow(session, now)) return "session-invalid";
  if (!allowsOperator(job.requirements, enrolment.operator)) return "operator-excluded";
  const distrust = attestationDistrust(agent.attestation, { session, job, now });
  if (distrust) return distrust;
  try {
    // a connection that breaks says nothing against the agent, which this job would not be matched with again
    const lookUp = () => job.log.requireEnrolment(agent.certificate, toHex(enrolment.agent));
    await patiently(lookUp, job.isOpen, lookups);
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

function isForNow({ notBefore, notAfter }: SessionKey, now: number): boolean {
  const { clockSkewMs, sessionMs } = protocolLimits;
  return notBefore <= now + clockSkewMs && notAfter > now && notAfter - notBefore <= sessionMs;
}

/** Why a machine is not what the task asks for; undefined: it is, or the task asks for nothing. The pool's own opinion is not asked. */
function attestationDistrust(
  evidence: AttestationEvidence | undefined,
  of: {
    readonly session: SessionKey;
    readonly job: { readonly requirements: Requirements; readonly attestationRoots: readonly PinnedRoot[] };
    readonly now: number;
  },
): Distrust | undefined {
  const { session, job, now } = of;
  const asked = attestationAsked(job.requirements);
  if (!asked) return undefined;
  if (!evidence) return "not-attested";
  const proven = verifyEvidence(evidence, { session, roots: job.attestationRoots, now, platform: attestationPlatform });
  return typeof proven === "string" ? proven : policyMismatch(asked, proven);
}

import {
  quorumOf,
  RevokedAgents,
  type QuorumCertificate,
  readStatement,
  type RunStatement,
  runStatement,
  type SealedAttestation,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { gatherQuorum } from "../certificate/quorum.js";
import type { FinishedMessage } from "./results.js";
import type { JobContext } from "./seal-task.js";

/** What a requester knows of a result that it has opened. */
export interface OpenedResult {
  /** Its tagged bytes. */
  readonly plain: Uint8Array;
  readonly content: Uint8Array;
  /** SHA-256 of the input's tagged bytes. */
  readonly input: Uint8Array | undefined;
}

/**
 * The certificate of a result that several operators have run, the one that it was opened from first; undefined where none is asked for. Who has signed
 * another result, or none, is not in it. Agents were not revoked when they were given the task's keys; a verifier looks again.
 */
export function certificateOf(
  runs: readonly FinishedMessage[],
  { plain, content, input }: OpenedResult,
  job: JobContext,
): QuorumCertificate | undefined {
  const { requirements } = job.terms;
  const chainId = quorumOf(requirements)?.certificateChain;
  const [first] = runs.map((message) => runIn(message));
  if (chainId === undefined || !job.plain || !input || !first) return undefined;
  const { memoryBytes } = requirements;
  const statement = { ...job.plain, input, memoryBytes, engine: first.engine, result: primitives.sha256(plain) };
  const attestations = runs.flatMap((message) => attestationIn(message));
  const domain = { pool: job.pool, chainId };
  return gatherQuorum({ content, statement, domain, attestations, revoked: new RevokedAgents() }).certificate;
}

function runIn({ run }: FinishedMessage): RunStatement | undefined {
  return run && readStatement(runStatement, run);
}

function attestationIn(message: FinishedMessage): SealedAttestation[] {
  const sealed = runIn(message)?.check?.attestation;
  const { certificate: enrolment } = message;
  return sealed && enrolment ? [{ enrolment, sealed }] : [];
}

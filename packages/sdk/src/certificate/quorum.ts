import { open } from "node:fs/promises";
import {
  AegisError,
  type AgreedTask,
  type AgentEnrolment,
  type CertificateDemand,
  certificateLimits,
  type CertificatePrimitives,
  encodeCertificate,
  gatherCertificate,
  type GatheredCertificate,
  parseCertificate,
  type QuorumCertificate,
  verifyQuorumCertificate,
} from "@aegis-pool/core";
import { evmPrimitives, hasCode, primitives, writeAtomically } from "@aegis-pool/platform";
import { openCertificate } from "../job/known-certificates.js";
import { certificateRefused } from "./refusals.js";

/** Enrolments that were verified before are remembered: the same agents sign again and again. */
const platform: CertificatePrimitives = { ...primitives, ...evmPrimitives, openEnrolment: openCertificate };

/** A certificate that is what was demanded. */
export interface VerifiedQuorum {
  readonly certificate: QuorumCertificate;
  /** Who has signed, in the certificate's order. */
  readonly signers: readonly AgentEnrolment[];
}

/** The certificate of what agents have agreed on, from what each has sealed for its requester, and why some are not part of it. */
export function gatherQuorum(task: AgreedTask): GatheredCertificate {
  return gatherCertificate(task, platform);
}

/**
 * Verifies the bytes of a certificate's file, offline.
 * @throws {AegisError} `certificate-refused`, whose message names the reason
 */
export function verifyQuorum(
  file: Uint8Array,
  demand: Omit<CertificateDemand, "pool"> & { readonly pool?: Uint8Array | undefined },
): VerifiedQuorum {
  const certificate = parseCertificate(file, primitives.text);
  if (typeof certificate === "string") throw certificateRefused(certificate);
  const pool = demand.pool ?? certificate.domain.pool;
  const signers = verifyQuorumCertificate(certificate, { ...demand, pool }, platform);
  if (typeof signers === "string") throw certificateRefused(signers);
  return { certificate, signers };
}

/** Writes a certificate as a file for everybody to read. */
export async function saveQuorum(path: string, certificate: QuorumCertificate): Promise<void> {
  await writeAtomically(path, Buffer.from(encodeCertificate(certificate, primitives.text)).toString(), 0o644);
}

/**
 * The bytes of a certificate's file, as many as one can have and one more at most.
 * @throws {AegisError} `bad-argument` where it cannot be read
 */
export async function readQuorumFile(path: string): Promise<Uint8Array> {
  try {
    return await readAtMost(path, certificateLimits.fileBytes + 1);
  } catch (cause) {
    const why = hasCode(cause, "ENOENT") ? "there is no such file" : "it cannot be read";
    const next = "Name the file of a certificate.";
    throw new AegisError({ code: "bad-argument", message: `${path}: ${why}.`, next, cause });
  }
}

async function readAtMost(path: string, length: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

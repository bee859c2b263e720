import { equalBytes } from "../../shared/bytes.js";
import { type VouchedKey, verifyChain } from "./chain.js";
import type { AttestationEvidence } from "./evidence.js";
import { policyRefusal } from "./guest-policy.js";
import { isScalar } from "./p384.js";
import type { AttestationPlatform } from "./platform.js";
import type { AttestationRefusal } from "./refusals.js";
import { type AttestationReport, parseReport } from "./report.js";
import type { PinnedRoot } from "./roots.js";
import { type AttestedSession, sessionBinding } from "./session-binding.js";
import { isAtLeast, leastOf, readTcb, type SnpProduct, type TcbVersion } from "./tcb.js";

/** What evidence is held against. */
export interface AttestationTerms {
  readonly session: AttestedSession;
  /** Whose word about processors is taken; AMD's are {@link amdRoots}. */
  readonly roots: readonly PinnedRoot[];
  /** ms since 1970. */
  readonly now: number;
  readonly platform: AttestationPlatform;
}

/** What is proven of a machine: it is a confidential VM that was started with this, on this firmware, and holds the session's key. */
export interface ProvenMachine {
  readonly product: SnpProduct;
  /** 48 bytes: a hash of what was in memory, and how the processors stood, when the VM began. */
  readonly measurement: Uint8Array;
  /** The lowest of what signs now, what the VM was started on, and what the host can go back to. */
  readonly tcb: TcbVersion;
}

/** What `evidence` proves of the machine that holds the session's key, or why it proves nothing. */
export function verifyEvidence(
  { report: bytes, certificates }: AttestationEvidence,
  terms: AttestationTerms,
): ProvenMachine | AttestationRefusal {
  const report = parseReport(bytes);
  if (typeof report === "string") return report;
  const refusal = policyRefusal(report);
  if (refusal) return refusal;
  if (!equalBytes(report.reportData, sessionBinding(terms.session, terms.platform))) return "wrong-session";
  const key = verifyChain(certificates, terms);
  if (typeof key === "string") return key;
  const tcb = tcbBehind(report, key);
  if (typeof tcb === "string") return tcb;
  const { signature, signed, measurement } = report;
  if (!isScalar(signature.subarray(0, 48)) || !isScalar(signature.subarray(48))) return "signature-range";
  if (!terms.platform.verifyP384(key.publicKey, signed, signature)) return "signature-wrong";
  return { product: key.product, measurement, tcb };
}

/** The firmware that the report and its key agree on, or where they do not. */
function tcbBehind(report: AttestationReport, key: VouchedKey): TcbVersion | AttestationRefusal {
  if (report.product !== undefined && report.product !== key.product) return "product-at-odds";
  const { hardwareId } = key;
  const isChip = equalBytes(report.chipId.subarray(0, hardwareId.length), hardwareId);
  if (!isChip || report.chipId.subarray(hardwareId.length).some((byte) => byte !== 0)) return "wrong-chip";
  const reported = readTcb(report.reportedTcb, key.product);
  const committed = readTcb(report.committedTcb, key.product);
  const launched = readTcb(report.launchTcb, key.product);
  if (!reported || !committed || !launched) return "report-reserved";
  if (!isAtLeast(reported, key.tcb) || !isAtLeast(key.tcb, reported)) return "wrong-tcb";
  return leastOf(reported, committed, launched);
}

import { existsSync } from "node:fs";
import {
  type AttestationEvidence,
  type AttestedSession,
  type HostCertificates,
  parseReport,
  readCertificateTable,
  sessionBinding,
  toHex,
} from "@aegis-pool/core";
import { attestationPlatform } from "@aegis-pool/platform";
import type { ProbedPart } from "../sandbox/probe.js";
import { readChainFiles } from "./chain-files.js";
import { readTsmReport, TsmError, tsmFolder } from "./tsm-report.js";

/** Where evidence comes from. */
export interface AttestorOptions {
  /** The kernel's folder for reports; {@link tsmFolder} by default. */
  readonly folder?: string | undefined;
  /** The entry in it; of a random name by default. */
  readonly entry?: string | undefined;
  /** Files with the certificates that the host does not give. */
  readonly chain?: readonly string[] | undefined;
}

/** Shows what this machine is, where it is a confidential VM: each time about the session it is asked for. */
export interface Attestor {
  /** @throws {TsmError} where there is none this time, in words */
  evidence(session: AttestedSession): Promise<AttestationEvidence>;
}

/** What this machine can show; undefined: it has nothing to show it with. @throws {AegisError} `bad-argument` for a chain that cannot be read */
export async function openAttestor(options: AttestorOptions = {}): Promise<Attestor | undefined> {
  const given = await readChainFiles(options.chain ?? []);
  if (!existsSync(options.folder ?? tsmFolder)) return undefined;
  return { evidence: (session) => gather(sessionBinding(session, attestationPlatform), options, given) };
}

/** What `aegis doctor` says of this machine: whether it attests, how it was started, and why not. */
export async function probeAttestation(options: AttestorOptions = {}): Promise<ProbedPart> {
  try {
    const { report } = await gather(new Uint8Array(64), options, {});
    const parsed = parseReport(report);
    if (typeof parsed === "string") return lacking(`the kernel's report is not understood (${parsed})`);
    const detail = `a confidential VM (AMD SEV-SNP) with measurement ${toHex(parsed.measurement)}`;
    return { name: "attestation", available: true, detail, howToGet: "" };
  } catch (error) {
    if (error instanceof ChainMissing) return lacking(error.message, "give --attestation-chain to the agent");
    if (error instanceof TsmError) return lacking(error.message);
    throw error;
  }
}

const inside = "run the agent in a confidential VM (AMD SEV-SNP) with Linux 6.7 or newer, as root";

function lacking(detail: string, howToGet = inside): ProbedPart {
  return { name: "attestation", available: false, detail, howToGet };
}

async function gather(
  data: Uint8Array,
  { folder, entry }: AttestorOptions,
  given: HostCertificates,
): Promise<AttestationEvidence> {
  const { report, table } = await readTsmReport(data, folder, entry);
  const { vcek, ask, ark } = { ...fromTable(table), ...given };
  if (!vcek || !ask || !ark) throw new ChainMissing("the host does not give the certificates of its chip");
  return { report, certificates: [vcek, ask, ark] };
}

class ChainMissing extends TsmError {}

function fromTable(table: Uint8Array): HostCertificates {
  if (table.length === 0) return {};
  const read = readCertificateTable(table);
  if (!read) throw new TsmError("the host's table of certificates is not one");
  return read;
}

import { readFileSync } from "node:fs";
import type { AttestationEvidence } from "../../../src/index.js";
import { parseReport } from "../../../src/verification/attestation/report.js";
import { hex, known, vectorFile } from "../../fixtures.js";

interface Vectors {
  readonly authorities: readonly { readonly name: string; readonly certificate: string }[];
  readonly samples: readonly {
    readonly name: string;
    readonly product: string;
    readonly outcome: string;
    readonly report: string;
    readonly signer: string;
    readonly issuer: string;
  }[];
  readonly chipKeys: readonly { readonly product: string; readonly issuer: string; readonly certificate: string }[];
}

/** What AMD's own processors and key servers have made: see the file for where each is from. */
export const real = JSON.parse(readFileSync(vectorFile("sev-snp"), "utf8")) as Vectors;

/** When all certificates of the samples that are to verify were valid, ms since 1970. */
export const inTime = Date.UTC(2025, 5, 1);

/** A certificate with the chain above it, up to AMD's root. */
export function chainOf(signer: string, issuer: string): Uint8Array[] {
  const root = `ARK-${issuer.split("-").at(-1)}`;
  return [hex(signer), authority(issuer), authority(root)];
}

export function authority(wanted: string): Uint8Array {
  return hex(known(real.authorities.find(({ name }) => name === wanted)).certificate);
}

/** The evidence in a sample, and what its report has as REPORT_DATA: real samples are bound to sessions of others. */
export function evidenceOf(sample: Vectors["samples"][number]): AttestationEvidence & { reportData: Uint8Array } {
  const report = hex(sample.report);
  const parsed = parseReport(report);
  if (typeof parsed === "string") throw new TypeError(parsed);
  return { report, certificates: chainOf(sample.signer, sample.issuer), reportData: parsed.reportData };
}

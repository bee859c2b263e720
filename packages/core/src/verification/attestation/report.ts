import type { AttestationRefusal } from "./refusals.js";
import type { SnpProduct } from "./tcb.js";

/**
 * ATTESTATION_REPORT of the SEV-SNP firmware: AMD 56860, "SEV Secure Nested Paging Firmware ABI", chapter 7.3. Its table was number 21 to 23 in
 * the revisions that brought versions 2, 3 and 5. Little-endian throughout.
 */
export interface AttestationReport {
  readonly version: 2 | 3 | 5;
  /** GUEST_POLICY: what the guest's owner allows its host. */
  readonly policy: number;
  readonly vmpl: number;
  /** PLATFORM_INFO. */
  readonly platform: number;
  /** Whose key signs: 0 the chip's (VCEK), 1 a leased one (VLEK), 7 nobody's. */
  readonly signingKey: number;
  /** 64 bytes of the guest's own. */
  readonly reportData: Uint8Array;
  /** 48 bytes: what the machine was started with. */
  readonly measurement: Uint8Array;
  readonly reportedTcb: Uint8Array;
  readonly committedTcb: Uint8Array;
  readonly launchTcb: Uint8Array;
  /** By family and model; undefined before version 3, and `"unknown"` where it is none of ours. */
  readonly product: SnpProduct | "unknown" | undefined;
  /** 64 bytes; zeros where the host hides them. */
  readonly chipId: Uint8Array;
  /** What the signature is over. */
  readonly signed: Uint8Array;
  /** R and S, 48 bytes each, most significant byte first. */
  readonly signature: Uint8Array;
}

/** Bytes of a report, of which all before the signature are signed. */
export const reportBytes = 1_184;
const signedBytes = 0x2a0;
const scalarBytes = 48;
const paddedScalarBytes = 72;
const ecdsaP384WithSha384 = 1;

/** Where nothing may be, by version: [from, to). */
const alwaysReserved = [
  [0x4c, 0x50],
  [0x18b, 0x1a0],
  [0x1eb, 0x1ec],
  [0x1ef, 0x1f0],
  [0x208, signedBytes],
] as const;
const reservedBefore3 = [[0x188, 0x18b]] as const;
/** LAUNCH_MIT_VECTOR and CURRENT_MIT_VECTOR. */
const reservedBefore5 = [[0x1f8, 0x208]] as const;
/** What pads R and S, and follows them: not signed, so that anything there would let one report have many forms. */
const padding = [
  [signedBytes + scalarBytes, signedBytes + paddedScalarBytes],
  [signedBytes + paddedScalarBytes + scalarBytes, reportBytes],
] as const;

/** What lies in a report, or why it is none: nothing is checked here but its form. */
export function parseReport(bytes: Uint8Array): AttestationReport | AttestationRefusal {
  if (bytes.length !== reportBytes) return "report-length";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(0, true);
  if (version !== 2 && version !== 3 && version !== 5) return "report-version";
  const [policy, platform] = [smallWord(view, 0x08), smallWord(view, 0x40)];
  const [vmpl, algorithm, flags] = [view.getUint32(0x30, true), view.getUint32(0x34, true), view.getUint32(0x48, true)];
  if (policy === undefined || platform === undefined || flags >= 32 || !isClean(bytes, version))
    return "report-reserved";
  if (algorithm !== ecdsaP384WithSha384) return "signature-algorithm";
  return {
    version,
    policy,
    vmpl,
    platform,
    signingKey: flags >> 2,
    reportData: bytes.subarray(0x50, 0x90),
    measurement: bytes.subarray(0x90, 0xc0),
    reportedTcb: bytes.subarray(0x180, 0x188),
    committedTcb: bytes.subarray(0x1e0, 0x1e8),
    launchTcb: bytes.subarray(0x1f0, 0x1f8),
    product: version < 3 ? undefined : productOf(view.getUint8(0x188), view.getUint8(0x189)),
    chipId: bytes.subarray(0x1a0, 0x1e0),
    signed: bytes.subarray(0, signedBytes),
    signature: scalarsOf(bytes),
  };
}

/** Of both 64-bit words no bit above 31 has a meaning in any of the three versions. */
function smallWord(view: DataView, at: number): number | undefined {
  return view.getUint32(at + 4, true) === 0 ? view.getUint32(at, true) : undefined;
}

function isClean(bytes: Uint8Array, version: number): boolean {
  const empty = [
    ...alwaysReserved,
    ...padding,
    ...(version < 3 ? reservedBefore3 : []),
    ...(version < 5 ? reservedBefore5 : []),
  ];
  return empty.every(([from, to]) => bytes.subarray(from, to).every((byte) => byte === 0));
}

/** CPUID family and model, as AMD numbers them: Genoa's are those of its smaller sisters (Bergamo, Siena) too. */
function productOf(family: number, model: number): SnpProduct | "unknown" {
  const block = model >> 4;
  if (family === 0x19 && block === 0x0) return "Milan";
  if (family === 0x19 && (block === 0x1 || block === 0xa)) return "Genoa";
  return family === 0x1a && (block === 0x0 || block === 0x1) ? "Turin" : "unknown";
}

/** R and S are little-endian there and big-endian everywhere else. */
function scalarsOf(bytes: Uint8Array): Uint8Array {
  const scalars = new Uint8Array(2 * scalarBytes);
  for (let index = 0; index < scalarBytes; index++) {
    scalars[scalarBytes - 1 - index] = bytes[signedBytes + index] ?? 0;
    scalars[2 * scalarBytes - 1 - index] = bytes[signedBytes + paddedScalarBytes + index] ?? 0;
  }
  return scalars;
}

import { AttestedPolicy, Check, fromHex, protocolLimits, type Requirements, type Tolerance } from "@aegis-pool/core";
import { badOption, whole } from "./bad-option.js";

/** Only confidential VMs (AMD SEV-SNP) that prove how they were started get the job's keys. */
export interface AttestedOption {
  readonly policy: "attested";
  /** Measurements of what such a machine may have been started with, 96 hexadecimal digits each; 1 to 16. */
  readonly measurements: readonly string[];
  /**
   * The least security versions of its firmware, for each kind of processor: `{ Genoa: { snp: 23 } }`. A kind that is not named is then
   * refused. Default: any kind and version.
   */
  readonly leastTcb?: AttestedPolicy["leastTcb"];
}

/** Results are held until operators agree or their agent has earned trust. */
export interface QuorumOption {
  readonly policy: "quorum";
  /** How many operators must give one answer to a task that is checked, 2 to 7. Default 2. */
  readonly agreeing?: number | undefined;
  /** Each task is checked. Default: false. */
  readonly always?: boolean | undefined;
  /** Results come with certificates that contracts on this chain can check, by its number (EIP-155): 1 for Ethereum, 31337 for a local one. */
  readonly certificateChain?: number | undefined;
}

/** Every task is run by several operators, and the requester's own process compares what they give. */
export interface JudgedOption {
  readonly policy: "judged";
  /** How many operators run each task, 2 to 7. Default: 3, so that one that is wrong leaves a result. */
  readonly runs?: number | undefined;
  /** How far numbers may be apart, as a part of the larger, in whole billionths: 0 to 1. Default: 1e-6. */
  readonly tolerance?: number | undefined;
  /** What outputs of bytes are, little-endian: floats, or tensors of which those of floats are compared so. Default: compared exactly. */
  readonly bytes?: Tolerance["bytes"];
}

/** How sure to be of results, or of the machines that they come from. */
export type VerifyOption = "spot" | "quorum" | "exact-product" | QuorumOption | JudgedOption | AttestedOption;

/** What a task's requirements say of `verify`. @throws {AegisError} `bad-argument` */
export function verificationOf(verify: VerifyOption): NonNullable<Requirements["verification"]> {
  if (verify === "spot" || verify === "exact-product") return { policy: verify };
  if (verify === "quorum") return quorumPolicy({ policy: verify });
  const { policy } = Object(verify) as Partial<QuorumOption | JudgedOption | AttestedOption>;
  if (policy === "quorum") return quorumPolicy(verify as QuorumOption);
  if (policy === "judged") return judgedPolicy(verify as JudgedOption);
  if (policy === "attested") return attestedPolicy(verify as AttestedOption);
  throw badOption(
    "verify",
    JSON.stringify(verify),
    '"spot", "quorum", "exact-product" or { policy: "quorum", "judged" or "attested", ... }',
  );
}

function quorumPolicy({ policy, agreeing = 2, always = false, certificateChain: chain }: QuorumOption) {
  whole("verify.agreeing", agreeing, 2, protocolLimits.mostAgreeing);
  const certificateChain =
    chain === undefined ? undefined : whole("verify.certificateChain", chain, 1, Number.MAX_SAFE_INTEGER);
  return { policy, agreeing, ...(always && { always: true as const }), ...(certificateChain && { certificateChain }) };
}

function judgedPolicy({ policy, runs = 3, tolerance = 1e-6, bytes }: JudgedOption) {
  whole("verify.runs", runs, 2, protocolLimits.mostAgreeing);
  const billionths = Math.round(tolerance * 1e9);
  const isWhole = Math.abs(billionths - tolerance * 1e9) < 1e-3; // 1e-6 x 1e9 need not be 1,000 in binary
  if (!isWhole || !(tolerance >= 0 && tolerance <= 1))
    throw badOption("verify.tolerance", String(tolerance), "whole billionths from 0 to 1, such as 1e-6");
  const kinds = ["float32", "float64", "safetensors", undefined];
  if (!kinds.includes(bytes)) throw badOption("verify.bytes", String(bytes), "float32, float64 or safetensors");
  return { policy, runs, tolerance: { billionths, ...(bytes && { bytes }) } };
}

function attestedPolicy({ measurements: given, leastTcb }: AttestedOption): AttestedPolicy {
  const measurements = (given ?? []).map(measurement);
  if (measurements.length < 1 || measurements.length > 16) {
    throw badOption("the number of measurements", String(measurements.length), "1 to 16");
  }
  const policy = { policy: "attested" as const, measurements, ...(leastTcb && { leastTcb }) };
  if (Check(AttestedPolicy, policy)) return policy;
  const allowed = "numbers from 0 to 255 of fmc, bootLoader, tee, snp and microcode, for Milan, Genoa or Turin";
  throw badOption("leastTcb", JSON.stringify(leastTcb), allowed);
}

function measurement(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes?.length === 48) return bytes;
  throw badOption("measurement", `"${text}"`, "96 hexadecimal digits, as `aegis doctor` shows them on such a machine");
}

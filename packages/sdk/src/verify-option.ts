import { AttestedPolicy, Check, fromHex, type Requirements } from "@aegis-pool/core";
import { badOption } from "./bad-option.js";

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

/** How sure to be of results, or of the machines that they come from. */
export type VerifyOption = "spot" | AttestedOption;

/** What a task's requirements say of `verify`. @throws {AegisError} `bad-argument` */
export function verificationOf(verify: VerifyOption): NonNullable<Requirements["verification"]> {
  if (verify === "spot") return { policy: verify };
  if (Object(verify).policy === "attested") return attestedPolicy(verify);
  throw badOption("verify", JSON.stringify(verify), '"spot" or { policy: "attested", measurements: [...] }');
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

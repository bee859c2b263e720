import type { AttestationRefusal } from "./refusals.js";
import type { AttestationReport } from "./report.js";

/** Bits of GUEST_POLICY: AMD 56860, chapter 4.3. */
const policyBits = { smtAllowed: 16, alwaysOne: 17, migrationAgent: 18, debug: 19 } as const;
/** Above the two bytes of the least ABI version, the last bit that means something (PAGE_SWAP_DISABLE). */
const highestPolicyBit = 25;
/** Bit of PLATFORM_INFO. */
const smtOn = 0;

/** Why the machine would not keep from its host what runs in it, whatever started there; undefined: it would. */
export function policyRefusal(report: AttestationReport): AttestationRefusal | undefined {
  const { policy, platform, vmpl, signingKey, chipId } = report;
  const allows = (bit: number): boolean => ((policy >>> bit) & 1) === 1;
  if (policy >= 2 ** (highestPolicyBit + 1) || !allows(policyBits.alwaysOne)) return "report-reserved";
  if (allows(policyBits.debug)) return "debug-allowed";
  if (allows(policyBits.migrationAgent)) return "migration-allowed";
  if (!allows(policyBits.smtAllowed) && ((platform >>> smtOn) & 1) === 1) return "smt-at-odds";
  if (signingKey !== 0) return "not-signed-by-vcek";
  if (vmpl !== 0) return "privilege-level";
  return chipId.every((byte) => byte === 0) ? "chip-hidden" : undefined;
}

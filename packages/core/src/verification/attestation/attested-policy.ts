import { type Static, Type } from "typebox";
import { equalBytes } from "../../shared/bytes.js";
import { Bytes, Exactly, Whole } from "../../shared/schema.js";
import type { AttestationRefusal } from "./refusals.js";
import { isAtLeast } from "./tcb.js";
import type { ProvenMachine } from "./verify-evidence.js";

const Version = Type.Optional(Whole(0, 255));
/** The least security versions of the firmware; what is not named may be any. */
const LeastTcb = Type.Optional(
  Exactly({ fmc: Version, bootLoader: Version, tee: Version, snp: Version, microcode: Version }),
);

/** `attested`: only on confidential VMs that were started with something that the requester knows. */
export const AttestedPolicy = Exactly({
  policy: Type.Literal("attested"),
  /** Of what such a VM may have been started with, as the processor measures it. */
  measurements: Type.Array(Bytes(48), { minItems: 1, maxItems: 16 }),
  /** The least firmware, for each kind of processor by itself, since their numbers have nothing to do with each other; a kind that is not named is refused. Absent: any. */
  leastTcb: Type.Optional(Exactly({ Milan: LeastTcb, Genoa: LeastTcb, Turin: LeastTcb })),
});
export type AttestedPolicy = Static<typeof AttestedPolicy>;

/** Why a proven machine is not what `policy` asks for; undefined: it is. */
export function policyMismatch(
  { measurements, leastTcb }: Pick<AttestedPolicy, "measurements" | "leastTcb">,
  { measurement, product, tcb }: ProvenMachine,
): AttestationRefusal | undefined {
  if (!measurements.some((known) => equalBytes(known, measurement))) return "wrong-measurement";
  if (!leastTcb) return undefined;
  const least = leastTcb[product];
  return least && isAtLeast(tcb, least) ? undefined : "tcb-too-low";
}

import { type Static, Type } from "typebox";
import { Bytes, Exactly } from "../../shared/schema.js";

/** What a machine shows to be believed. Loose where a closer look gives a refusal of its own, and bounded. */
export const AttestationEvidence = Exactly({
  /** ATTESTATION_REPORT, as the firmware signs it. */
  report: Bytes(1, 4_096),
  /** X.509 in DER: the chip's key (VCEK), who vouches for it (ASK), and the root (ARK). */
  certificates: Type.Array(Bytes(1, 4_096), { maxItems: 3 }),
});
export type AttestationEvidence = Static<typeof AttestationEvidence>;

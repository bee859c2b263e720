import { type Static, Type } from "typebox";
import type { Primitives } from "../../privacy/primitives.js";
import { ascii } from "../../shared/bytes.js";
import { toCbor } from "../../shared/cbor.js";
import { Bytes, Exactly, Whole } from "../../shared/schema.js";
import { bindingOf, federatedLimits, type SumBinding } from "./binding.js";

/** One participant whose upload is in a sum. */
export const Survivor = Exactly({
  /** Its place in the roster. */
  place: Whole(0, federatedLimits.participants - 1),
  /** SHA-256 of its signed upload's body. */
  statement: Bytes(32),
});
export type Survivor = Static<typeof Survivor>;

/** Who is in a sum: by ascending place in the roster, each once. */
export const Survivors = Type.Array(Survivor, { maxItems: federatedLimits.participants });

/** Names a set of survivors for one sum. */
export function survivorsHash(
  survivors: readonly Survivor[],
  binding: SumBinding,
  roster: Uint8Array,
  primitives: Primitives,
): Uint8Array {
  return primitives.sha256(
    ascii("aegis-pool/v1/federated/survivors"),
    toCbor({ ...bindingOf(binding), roster, survivors }),
  );
}

/** Whether places ascend: no participant is in a sum twice. */
export function isOrdered(survivors: readonly Survivor[]): boolean {
  return survivors.every(({ place }, index) => place > (survivors[index - 1]?.place ?? -1));
}

import { hasPlace, leftOfCard, type Offer, partAsked, partsLent, type Requirements } from "@aegis-pool/core";

type Asked = Pick<Requirements, "card" | "memoryBytes">;

/**
 * Whether a task may begin beside those that run: as many as there are slots may, but on a graphics card only as far as it goes,
 * and one that needs all of it runs alone. The pool heeds this; it is kept here whatever a pool sends.
 */
export function hasRoomFor(
  asked: Asked,
  running: readonly Asked[],
  offer: Pick<Offer, "card" | "memoryBytes">,
): boolean {
  const lent = partsLent(offer);
  if (!lent) return true;
  const part = partAsked(asked);
  if (!part) return running.length === 0;
  const left = leftOfCard(lent, running);
  return left !== undefined && hasPlace(left, part);
}

import type { Primitives } from "../../privacy/primitives.js";
import { ascii, concatBytes, equalBytes } from "../../shared/bytes.js";
import { toCbor } from "../../shared/cbor.js";
import { bindingOf } from "./binding.js";
import { type CommitteeShape, subsetsKnownTo, subsetsOf } from "./committee.js";
import type { MaskOwner } from "./mask-stream.js";
import type { MaskedUpload } from "./statements.js";

/** HPKE in base mode, single shot (RFC 9180, section 6.1): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
export interface BoxSealer {
  /** Encapsulated key and ciphertext, or undefined where `recipient` is not a point of the curve. */
  sealBox(recipient: Uint8Array, info: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array | undefined>;
}

/** The private half of a member's HPKE key. */
export interface BoxOpener {
  /** What was sealed for this key under `info`, or undefined. */
  openBox(info: Uint8Array, box: Uint8Array): Promise<Uint8Array | undefined>;
}

const seedBytes = 32;

/** A fresh seed for each subset. */
export function freshSeeds(shape: CommitteeShape, primitives: Primitives): Uint8Array[] {
  return subsetsOf(shape).map(() => primitives.randomBytes(seedBytes));
}

/** What a participant says publicly of a seed, so that no two members can be told different ones. */
export function seedHash(seed: Uint8Array, owner: MaskOwner, primitives: Primitives): Uint8Array {
  const { participant, subset } = owner;
  return primitives.sha256(
    ascii("aegis-pool/v1/federated/seed"),
    toCbor({ ...bindingOf(owner), participant, subset }),
    seed,
  );
}

/** What a box is bound to: any other sum, participant, committee, member or set of seeds makes it unopenable. */
export type BoxBinding = Pick<
  MaskedUpload,
  "run" | "round" | "attempt" | "group" | "participant" | "committee" | "seedHashes"
>;

export function boxInfo(binding: BoxBinding, member: number, primitives: Primitives): Uint8Array {
  const { participant, committee, seedHashes } = binding;
  const seeds = primitives.sha256(...seedHashes);
  const bound = toCbor({ ...bindingOf(binding), participant, committee, seeds, member });
  return concatBytes(ascii("aegis-pool/v1/federated/seeds"), bound);
}

/** The seeds that `member` knows, as its box holds them. */
export function seedsFor(member: number, seeds: readonly Uint8Array[], shape: CommitteeShape): Uint8Array {
  return concatBytes(...subsetsKnownTo(member, shape).map((place) => seeds[place] ?? new Uint8Array(seedBytes)));
}

/**
 * The seeds in `member`'s box, in the order of the subsets that it knows; undefined where the box does not open or a seed is not the one that the
 * upload's public hash names: then another member may have been given another.
 */
export async function openSeeds(
  upload: MaskedUpload,
  member: number,
  shape: CommitteeShape,
  opener: BoxOpener,
  primitives: Primitives,
): Promise<readonly Uint8Array[] | undefined> {
  const places = subsetsKnownTo(member, shape);
  const box = upload.boxes[member];
  const opened = box && (await opener.openBox(boxInfo(upload, member, primitives), box));
  if (opened?.length !== places.length * seedBytes) return undefined;
  const seeds = places.map((_, index) => opened.slice(index * seedBytes, (index + 1) * seedBytes));
  const isAsSaid = places.every((subset, index) => {
    const [seed, said] = [seeds[index], upload.seedHashes[subset]];
    return seed && said && equalBytes(seedHash(seed, { ...upload, subset }, primitives), said);
  });
  return isAsSaid ? seeds : undefined;
}

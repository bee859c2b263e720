import type { Primitives, Signer } from "../../privacy/primitives.js";
import { equalBytes } from "../../shared/bytes.js";
import { openStatement, type Signed, signStatement } from "../../shared/signed.js";
import { bindingOf, sameBinding, type SumBinding } from "./binding.js";
import { type CommitteeShape, subsetsOf } from "./committee.js";
import type { Committee } from "./committee-keys.js";
import { bytesOf, maskStream } from "./mask-stream.js";
import { boxInfo, type BoxSealer, freshSeeds, seedHash, seedsFor } from "./seeds.js";
import { maskedUpload, type MaskedUpload } from "./statements.js";

/** What a participant sends: the masked values, and the signed statement that goes with them. */
export interface Upload {
  readonly statement: Signed;
  /** Words, little-endian. */
  readonly masked: Uint8Array;
  /** SHA-256 of `masked`, as it is in the statement. */
  readonly hash: Uint8Array;
}

/** What an upload is for. */
export interface UploadContext {
  readonly binding: SumBinding;
  readonly committee: Committee;
  /** See `RunHistory`. */
  readonly state: Uint8Array;
}

/**
 * `integers` behind fresh masks: every word is then uniform and independent of what it hides, to whoever lacks one seed. Masks `integers` in
 * place. Undefined where a member's key is not a point of the curve.
 */
export async function maskUpload(
  integers: Int32Array,
  { binding, committee, state }: UploadContext,
  signer: Signer,
  sealer: BoxSealer,
  primitives: Primitives,
): Promise<Upload | undefined> {
  const { shape, members, hash } = committee;
  const participant = signer.publicKey;
  const seeds = freshSeeds(shape, primitives);
  const owners = seeds.map((_, subset) => ({ ...bindingOf(binding), participant, subset }));
  const seedHashes = seeds.map((seed, subset) => seedHash(seed, owners[subset]!, primitives));
  const bound = { ...bindingOf(binding), participant, committee: hash, seedHashes };
  const boxes = await Promise.all(
    members.map(({ hpke }, member) =>
      sealer.sealBox(hpke, boxInfo(bound, member, primitives), seedsFor(member, seeds, shape)),
    ),
  );
  if (!boxes.every((box) => box !== undefined)) return undefined;
  primitives.arithmetic.addStreams(
    integers,
    seeds.map((seed, subset) => maskStream(seed, owners[subset]!, primitives)),
  );
  const masked = bytesOf(integers);
  const { length } = integers;
  const said: MaskedUpload = { ...bound, state, length, upload: primitives.sha256(masked), boxes };
  return { statement: signStatement(maskedUpload, said, signer), masked, hash: said.upload };
}

/** What an upload must be to be summed with others. */
export interface UploadDemand {
  readonly binding: SumBinding;
  readonly shape: CommitteeShape;
  /** The committee's hash. */
  readonly committee: Uint8Array;
  readonly length: number;
}

/** The upload in `signed`, or undefined unless `participant` has signed it for exactly this sum and committee, in the right form. */
export function openUpload(
  signed: Signed,
  participant: Uint8Array,
  { binding, shape, committee, length }: UploadDemand,
  primitives: Primitives,
): MaskedUpload | undefined {
  const upload = openStatement(maskedUpload, signed, participant, primitives);
  if (!upload || !equalBytes(upload.participant, participant) || !sameBinding(upload, binding)) return undefined;
  const isWhole = upload.boxes.length === shape.size && upload.seedHashes.length === subsetsOf(shape).length;
  return isWhole && upload.length === length && equalBytes(upload.committee, committee) ? upload : undefined;
}

import { equalBytes } from "../../../shared/bytes.js";
import { subsetsKnownTo } from "../committee.js";
import { bytesOf, maskStream } from "../mask-stream.js";
import { type AttemptContext, bindingIn, type HeldUpload } from "./held-uploads.js";

/** What a member computes of the survivors: sums modulo 2^32, of as many words as an upload. */
export interface MemberTotals {
  /** Of the uploads, still masked. */
  readonly masked: Int32Array;
  /** Of the masks, for each subset that the member knows, in their order. */
  readonly masks: readonly Int32Array[];
}

/** The masked values with this hash, as the pool has them. */
export type FetchUpload = (hash: Uint8Array) => Promise<Uint8Array>;

/** Participants whose masks are added at a time: the sums are read and written once for all of them. */
const masksAtOnce = 8;

/** The totals over `uploads`, or the first upload that is not what its participant has signed. */
export async function totalsOf(
  uploads: readonly HeldUpload[],
  group: number,
  context: AttemptContext,
  fetchUpload: FetchUpload,
): Promise<MemberTotals | "not-the-upload"> {
  const { committee, member, length, primitives } = context;
  const places = subsetsKnownTo(member, committee.shape);
  const totals = { masked: new Int32Array(length), masks: places.map(() => new Int32Array(length)) };
  for (const [index, { upload }] of uploads.entries()) {
    // one upload in memory at a time
    const masked = await fetchUpload(upload.upload);
    const isGenuine = masked.length === length * 4 && equalBytes(primitives.sha256(masked), upload.upload);
    if (!isGenuine) return "not-the-upload";
    primitives.arithmetic.addWords(totals.masked, masked);
    if (index % masksAtOnce === 0) addMasks(totals.masks, uploads.slice(index, index + masksAtOnce), group, context);
  }
  return totals;
}

/** Adds the masks of `uploads` to the totals of all subsets that the member knows. */
export function addMasks(
  totals: readonly Int32Array[],
  uploads: readonly Pick<HeldUpload, "upload" | "seeds">[],
  group: number,
  context: AttemptContext,
): void {
  const { committee, member, primitives } = context;
  for (const [index, subset] of subsetsKnownTo(member, committee.shape).entries()) {
    const streams = uploads.map(({ upload: { participant }, seeds }) =>
      maskStream(seeds[index]!, { ...bindingIn(context, group), participant, subset }, primitives),
    );
    primitives.arithmetic.addStreams(totals[index]!, streams);
  }
}

/** The hashes of `totals`, as an answer states them. */
export function hashesOf({ masked, masks }: MemberTotals, { primitives }: AttemptContext) {
  return {
    masked: primitives.sha256(bytesOf(masked)),
    masks: masks.map((mask) => primitives.sha256(bytesOf(mask))),
  };
}

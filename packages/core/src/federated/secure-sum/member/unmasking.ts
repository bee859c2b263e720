import { equalBytes } from "../../../shared/bytes.js";
import { subsetsKnownTo } from "../committee.js";
import { addStreams, addWords, bytesOf, maskStream, wordsOf } from "../mask-stream.js";
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
  for (const { upload, seeds } of uploads) {
    // one upload in memory at a time
    const masked = await fetchUpload(upload.upload);
    const isGenuine = masked.length === length * 4 && equalBytes(primitives.sha256(masked), upload.upload);
    if (!isGenuine) return "not-the-upload";
    addWords(totals.masked, wordsOf(masked));
    for (const [index, subset] of places.entries()) {
      const owner = { ...bindingIn(context, group), participant: upload.participant, subset };
      addStreams(totals.masks[index]!, [maskStream(seeds[index]!, owner, primitives)]);
    }
  }
  return totals;
}

/** The hashes of `totals`, as an answer states them. */
export function hashesOf({ masked, masks }: MemberTotals, { primitives }: AttemptContext) {
  return {
    masked: primitives.sha256(bytesOf(masked)),
    masks: masks.map((mask) => primitives.sha256(bytesOf(mask))),
  };
}

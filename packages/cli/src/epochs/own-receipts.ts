import { AegisError, toHex, type VerifiedEpoch } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { readReceipt } from "../jobs/receipt-file.js";

/** @throws {AegisError} `epoch-refused` where the receipt in a file is in none of the epoch's lines */
export async function requirePaid({ ids, header }: VerifiedEpoch, file: string): Promise<void> {
  const { bundle } = await readReceipt(file);
  if (ids.has(toHex(primitives.sha256(bundle.receipt.body)))) return;
  throw new AegisError({
    code: "epoch-refused",
    message: `The receipt in ${file} is in none of the lines of epoch ${header.epoch} [omitted].`,
    next: "Look into the epoch after it: what ends just before an epoch does may be paid there. If it is in neither, keep receipt and files: both are signed by the pool.",
  });
}

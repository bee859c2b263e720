import { AegisError, toHex, type VerifiedEpoch } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { verifyReceipt } from "@aegis-pool/sdk";
import { readReceipt } from "../jobs/receipt-file.js";

/**
 * Requires that an epoch has paid the task of the receipt in a file.
 * @throws {AegisError} `epoch-refused` where it is in none of its lines; `bad-signature` where its pool has not signed the receipt, which then proves
 *   nothing; `bad-argument` where it was not paid at once
 */
export async function requirePaid({ ids, header, statement }: VerifiedEpoch, file: string): Promise<void> {
  const { bundle } = await readReceipt(file);
  const { payment } = verifyReceipt(bundle, statement.pool).receipt;
  if (payment !== "paid") throw notPaidAtOnce(file, payment);
  if (ids.has(toHex(primitives.sha256(bundle.receipt.body)))) return;
  throw new AegisError({
    code: "epoch-refused",
    message: `The receipt in ${file} is in none of the lines of epoch ${header.epoch} [omitted].`,
    next: "Look into the epoch after it: what ends just before an epoch does may be paid there. If it is in neither, keep receipt and files: both are signed by the pool.",
  });
}

const notPaidAtOnce = (file: string, payment: "held" | "unfunded") =>
  new AegisError({
    code: "bad-argument",
    message: `The receipt in ${file} says "${payment}": such a task is not paid by its receipt.`,
    next: "What is held is in the epoch in which it is settled: `aegis earnings` shows the settlement.",
  });

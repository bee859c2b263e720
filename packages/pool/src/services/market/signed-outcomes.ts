import {
  type Primitives,
  type ReceiptStatement,
  receiptStatement,
  type Signer,
  signStatements,
  toCbor,
} from "@aegis-pool/core";
import { type Outcome, recordOutcome } from "../../store/task-writes.js";
import type { WriteKind } from "../group-commit.js";

/** How a task ended, with what its receipt is to say. */
export interface UnsignedOutcome extends Omit<Outcome, "receipt"> {
  readonly receipt: ReceiptStatement | undefined;
}

/** Records outcomes and signs their receipts, all those of a commit by one signature; the answer is what was recorded. */
export function signedOutcomes(signer: Signer, primitives: Primitives): WriteKind<UnsignedOutcome, Outcome> {
  return {
    order: recordOutcome.order,
    async write(client, unsigned) {
      const statements = unsigned.flatMap(({ receipt }) => receipt ?? []);
      const receipts = signStatements(receiptStatement, statements, signer, primitives);
      const outcomes = unsigned.map((outcome) => {
        const receipt = outcome.receipt && receipts.shift();
        return { ...outcome, receipt: receipt && toCbor(receipt) };
      });
      await recordOutcome.write(client, outcomes);
      return outcomes;
    },
  };
}

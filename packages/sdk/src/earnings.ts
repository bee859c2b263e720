import { type AegisError, fromCbor, type TaskEvent } from "@aegis-pool/core";
import { type ReceiptBundle, type VerifiedReceipt, verifyReceipt } from "./job/receipts.js";

/** A task that one of the operator's agents has run. */
export interface Earning {
  /** Rises in the order of payment. */
  readonly line: number;
  /** What anybody can verify with nothing but the pool's key. */
  readonly bundle: ReceiptBundle;
  /** What it says, where it is genuine. */
  readonly verified: VerifiedReceipt | undefined;
  /** Why it is not. */
  readonly problem: string | undefined;
}

/** How a lease of one of the operator's agents ended without a result. */
export interface LeaseEnd {
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  /** Which lease of the task it was. */
  readonly fence: number;
  readonly event: TaskEvent;
  /** ms since 1970. */
  readonly at: number;
}

/** All that an operator may know of one task: what its own agents had to do with it. */
export interface OwnTask {
  readonly earning: Earning | undefined;
  readonly ended: readonly LeaseEnd[];
  /** The agent that holds it now, by its key in hexadecimal. */
  readonly holder: string | undefined;
}

/** As the pool sends it: base64url of CBOR. */
export interface WrittenEarning {
  readonly line: number;
  readonly certificate: string;
  readonly run: string;
  readonly receipt: string;
}

/** Reads and verifies what the pool says. @param pool its key */
export function readEarning({ line, ...texts }: WrittenEarning, pool: Uint8Array): Earning {
  const bundle = {
    certificate: read(texts.certificate),
    run: read(texts.run),
    receipt: read(texts.receipt),
  } as ReceiptBundle;
  try {
    return { line, bundle, verified: verifyReceipt(bundle, pool), problem: undefined };
  } catch (error) {
    return { line, bundle, verified: undefined, problem: (error as AegisError).message };
  }
}

const read = (text: string) => fromCbor(Buffer.from(text, "base64url"));

import {
  AegisError,
  equalBytes,
  fromCbor,
  openStatement,
  type SettlementStatement,
  settlementStatement,
  type Signed,
  type TaskEvent,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type ReceiptBundle, type VerifiedReceipt, verifyReceipt } from "./job/receipts.js";

/** A task that one of the operator's agents has run. */
export interface Earning {
  /** Rises in the order of payment. */
  readonly line: number;
  /** What anybody can verify with nothing but the pool's key. */
  readonly bundle: ReceiptBundle;
  /** What it says, where it is genuine. */
  readonly verified: VerifiedReceipt | undefined;
  /** Of a result that was held and is no more: what became of it. */
  readonly settlement: SettlementStatement | undefined;
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
  readonly settlement?: string;
}

/** Reads and verifies what the pool says. @param pool its key */
export function readEarning({ line, ...texts }: WrittenEarning, pool: Uint8Array): Earning {
  const bundle = {
    certificate: read(texts.certificate),
    run: read(texts.run),
    receipt: read(texts.receipt),
  } as ReceiptBundle;
  try {
    const verified = verifyReceipt(bundle, pool);
    const settlement = texts.settlement === undefined ? undefined : readSettlement(texts.settlement, verified, pool);
    return { line, bundle, verified, settlement, problem: undefined };
  } catch (error) {
    return { line, bundle, verified: undefined, settlement: undefined, problem: (error as AegisError).message };
  }
}

/** @throws {AegisError} `bad-signature` where the pool did not sign it, or it is of another result, or its parts are not the charge */
function readSettlement(text: string, { run, receipt }: VerifiedReceipt, pool: Uint8Array): SettlementStatement {
  const settlement = openStatement(settlementStatement, read(text) as Signed, pool, primitives);
  const isOfIt =
    settlement?.number === receipt.number &&
    equalBytes(settlement.run, receipt.run) &&
    equalBytes(settlement.agent, run.agent) &&
    equalBytes(settlement.operator, receipt.operator);
  if (!settlement || !isOfIt || partsOf(settlement) !== BigInt(receipt.charge)) throw notGenuine();
  return settlement;
}

function partsOf({ reward, fee, refund, withheld }: SettlementStatement): bigint {
  return BigInt(reward) + BigInt(fee) + BigInt(refund) + BigInt(withheld);
}

const notGenuine = () =>
  new AegisError({
    code: "bad-signature",
    message: "The settlement of a held result does not verify against its receipt.",
    next: "Check that the pool's key is the right one; if it is, ask who runs the pool.",
  });

const read = (text: string) => fromCbor(Buffer.from(text, "base64url"));

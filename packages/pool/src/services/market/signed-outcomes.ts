import {
  type Hold,
  type LedgerAnswer,
  type LedgerOperation,
  type Post,
  type Primitives,
  type ReceiptStatement,
  receiptStatement,
  type RunStatement,
  type Signer,
  signStatements,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import type pg from "pg";
import { insertHeld } from "../../store/held-rows.js";
import { type Outcome, recordOutcome } from "../../store/task-writes.js";
import type { WriteKind } from "../group-commit.js";

/** How a task ended, with what its receipt is to say. */
export interface UnsignedOutcome extends Omit<EndedOutcome, "receipt"> {
  readonly receipt: ReceiptStatement | undefined;
}

/** How a task ended, as it was recorded. */
export interface EndedOutcome extends Outcome {
  /** What its agent has signed, as it was opened when it came. */
  readonly opened: RunStatement | undefined;
}

/** What outcomes are written with. */
export interface OutcomeParts {
  readonly signer: Signer;
  readonly primitives: Primitives;
  readonly money: WriteKind<LedgerOperation, LedgerAnswer>;
}

/**
 * Records outcomes, pays for them and signs their receipts, all those of a commit by one signature; the answer is what was
 * recorded. A task's number is the key of its payment: it is paid once. What is not final yet is held instead.
 */
export function signedOutcomes({ signer, primitives, money }: OutcomeParts): WriteKind<UnsignedOutcome, EndedOutcome> {
  return {
    order: recordOutcome.order,
    money: true,
    async write(client, unsigned) {
      const paid = await pay(client, unsigned, money);
      const statements = paid.flatMap(({ receipt }) => receipt ?? []);
      const receipts = signStatements(receiptStatement, statements, signer, primitives);
      const outcomes = paid.map((outcome) => {
        const receipt = outcome.receipt && receipts.shift();
        return { ...outcome, receipt: receipt && toCbor(receipt) };
      });
      await recordOutcome.write(client, outcomes);
      await insertHeld(client, paid.flatMap(heldResult));
      return outcomes;
    },
  };
}

/** Moves what the receipts say from escrow to operators and fees; what is not there is not paid, and its receipt says so. */
async function pay(
  client: pg.PoolClient,
  outcomes: readonly UnsignedOutcome[],
  money: OutcomeParts["money"],
): Promise<UnsignedOutcome[]> {
  const posts = new Map(outcomes.flatMap((outcome) => entryOf(outcome)));
  if (posts.size === 0) return [...outcomes];
  const answers = await money.write(client, [...posts.values()]);
  const answerTo = new Map([...posts.keys()].map((outcome, index) => [outcome, answers[index]]));
  return outcomes.map((outcome) => {
    const answer = answerTo.get(outcome);
    return answer === undefined || answer === "written" ? outcome : withoutPay(outcome);
  });
}

function entryOf(outcome: UnsignedOutcome): [UnsignedOutcome, Post | Hold][] {
  const { receipt, job } = outcome;
  if (!receipt || receipt.charge === "0") return [];
  const [escrow, operator] = [`escrow:${toHex(job)}`, toHex(receipt.operator)] as const;
  const key = receipt.number.toString(16).padStart(16, "0");
  if (receipt.payment === "held") {
    return [[outcome, { kind: "hold", key, escrow, held: `held:${operator}`, amount: BigInt(receipt.charge) }]];
  }
  const parties = { escrow, operator: `operator:${operator}` } as const;
  return [[outcome, { kind: "post", key, ...parties, reward: BigInt(receipt.reward), fee: BigInt(receipt.fee) }]];
}

function heldResult({ number, receipt }: UnsignedOutcome) {
  if (receipt?.payment !== "held") return [];
  const { operator, run: runHash, charge, reward, fee, issuedAt: heldAt } = receipt;
  return [{ number, operator, runHash, charge, reward, fee, heldAt }];
}

/** Only tasks from before there was a ledger can come to this: all others were covered when they were queued. */
function withoutPay(outcome: UnsignedOutcome): UnsignedOutcome {
  const { receipt } = outcome;
  return { ...outcome, receipt: receipt && { ...receipt, payment: "unfunded", charge: "0", reward: "0", fee: "0" } };
}

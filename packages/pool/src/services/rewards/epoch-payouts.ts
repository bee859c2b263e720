import {
  type LedgerAnswer,
  type LedgerOperation,
  noPayoutAddress,
  payoutAfter,
  type PayoutLine,
  vestedAmount,
} from "@aegis-pool/core";
import type pg from "pg";
import { type FreeRow, freeWithAddress, payoutsOf, writePayouts } from "../../store/epoch-totals.js";
import { vestingNow, type VestingRow } from "../../store/vesting-rows.js";
import type { WriteKind } from "../group-commit.js";

/** What is to be paid out at the end of an epoch. */
export interface EpochPayouts {
  readonly epoch: number;
  /** When it ended, in ms since 1970: addresses count that were in effect then. */
  readonly end: number;
  /** What each operator has earned in it, in nAIS by key in hexadecimal. */
  readonly earned: ReadonlyMap<string, bigint>;
  /** The most that each operator may be paid out, in nAIS by key in hexadecimal. */
  readonly payable: ReadonlyMap<string, bigint>;
}

/** The epoch as a ledger's key. */
export function keyOfEpoch(epoch: number): string {
  return epoch.toString(16).padStart(16, "0");
}

/**
 * Puts into bonds what their operators have asked for, and pays out to their addresses what operators have free then, all in one transaction: asked again, it answers what was paid out then. Nobody is paid out
 * more than it has earned: a bond that was bought and taken back stays in the account.
 */
export function payOut(money: WriteKind<LedgerOperation, LedgerAnswer>): WriteKind<EpochPayouts, PayoutLine[]> {
  return {
    order: 10,
    money: true,
    async write(client, asked) {
      const answers: PayoutLine[][] = [];
      for (const epoch of asked) answers.push((await payoutsOf(client, epoch.epoch)) ?? (await payNow(client, epoch)));
      return answers;
    },
  };

  async function payNow(client: pg.PoolClient, asked: EpochPayouts): Promise<PayoutLine[]> {
    await move(
      client,
      (await vestingNow(client)).flatMap((row) => vestOf(row, asked)),
    );
    const due = (await freeWithAddress(client)).flatMap((row) => payoutOf(row, asked));
    await move(
      client,
      due.map((line) => operationOf(line, asked.epoch)),
    );
    await writePayouts(client, asked.epoch, due);
    return due;
  }

  async function move(client: pg.PoolClient, operations: readonly LedgerOperation[]): Promise<void> {
    if (operations.length === 0) return;
    const refused = (await money.write(client, operations)).find((answer) => answer !== "written");
    if (refused) throw new TypeError(`an epoch's money cannot be moved: ${refused}`);
  }
}

function vestOf(row: VestingRow, { epoch, earned }: EpochPayouts): LedgerOperation[] {
  const amount = vestedAmount(row, { ...row, earned: earned.get(row.operator) ?? 0n });
  const parties = { from: `operator:${row.operator}`, bond: `bond:${row.operator}` } as const;
  return amount > 0n ? [{ kind: "bond", key: keyOfEpoch(epoch), ...parties, amount }] : [];
}

function payoutOf({ operator, free, changes }: FreeRow, { end, payable }: EpochPayouts): PayoutLine[] {
  const { address } = payoutAfter(
    changes.filter(({ askedAt }) => askedAt < end),
    end,
  );
  const earned = payable.get(operator) ?? 0n;
  const amount = free < earned ? free : earned;
  return address === noPayoutAddress || amount <= 0n ? [] : [{ payout: operator, address, amount: String(amount) }];
}

function operationOf({ payout, address, amount }: PayoutLine, epoch: number): LedgerOperation {
  return {
    kind: "payout",
    key: keyOfEpoch(epoch),
    operator: `operator:${payout}`,
    claimable: `claimable:${address}`,
    amount: BigInt(amount),
  };
}

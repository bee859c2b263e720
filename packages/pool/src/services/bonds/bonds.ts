import {
  AegisError,
  type BondVesting,
  countingBond,
  type Notice,
  payableNow,
  refuseNotice,
  type Signed,
  toCbor,
  toHex,
  type Vesting,
} from "@aegis-pool/core";
import type pg from "pg";
import {
  dueNotices,
  type DueNotice,
  endNotice,
  insertNotice,
  noticeAmount,
  waitingNotices,
} from "../../store/bond-rows.js";
import { setVesting, vestingOf } from "../../store/vesting-rows.js";
import type { Clock } from "../clock.js";
import { InTurn } from "../in-turn.js";
import { insufficientFunds, type Ledger } from "../ledger.js";

/** An operator's bond. */
export interface BondNow {
  /** nAIS. */
  readonly bond: bigint;
  /** nAIS of it for which no notice has been given. */
  readonly counting: bigint;
  readonly notices: readonly Notice[];
  /** What goes into it from earnings; undefined where nothing does. */
  readonly vesting: Vesting | undefined;
}

/** A request about a bond, as the operator's key has signed it. */
interface Asked {
  readonly account: Uint8Array;
  /** nAIS above zero in decimal digits. */
  readonly amount: string;
  readonly key: Uint8Array;
}

/** What bonds are built on. */
export interface BondsGround {
  readonly database: pg.Pool;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** Operators' bonds: put up at once, taken out by notice. The money is in the ledger; here are the notices. */
export class Bonds {
  readonly #database: pg.Pool;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  /** Nobody gives a notice while another is looked at, or takes one back while it is paid. */
  readonly #inTurn = new InTurn();

  constructor({ database, ledger, clock }: BondsGround) {
    this.#database = database;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** The operator's bond, with what is due paid out. */
  async of(operator: Uint8Array): Promise<BondNow> {
    await this.payDue();
    const notices = await waitingNotices(this.#database, operator);
    const bond = await this.#ledger.balance(`bond:${toHex(operator)}`);
    const vesting = await vestingOf(this.#database, operator);
    return { bond, counting: countingBond(bond, notices), notices, vesting: vesting?.percent ? vesting : undefined };
  }

  /**
   * From the end of the next epoch on, so much of what the operator earns goes into its bond, until that is so large. Sent again it changes nothing.
   * @param signed as the operator has signed it
   * @throws {AegisError} `out-of-turn` where something newer was asked for
   */
  async vest({ account: operator, percent, target, signedAt }: BondVesting, signed: Signed): Promise<void> {
    const row = { operator, percent, target: BigInt(target), signedAt, wish: toCbor(signed) };
    if (!(await setVesting(this.#database, row))) throw vestedOtherwise();
  }

  /**
   * Gives notice of part of a bond: from now on it does not count, and in two weeks it is paid out. Asked again under the same
   * key it changes nothing.
   * @throws {AegisError} `insufficient-funds`, `too-many`, `transfer-refused`
   */
  async giveNotice({ account: operator, amount: digits, key }: Asked): Promise<void> {
    const amount = BigInt(digits);
    await this.#inTurn.do(async () => {
      const before = await noticeAmount(this.#database, operator, key);
      if (before === amount) return;
      if (before !== undefined) throw keyReused();
      const bond = await this.#ledger.balance(`bond:${toHex(operator)}`);
      const notices = await waitingNotices(this.#database, operator);
      const refusal = refuseNotice(bond, notices, amount);
      if (refusal === "too-many") throw tooMany(notices.length);
      if (refusal) throw insufficientFunds("bond", countingBond(bond, notices), amount);
      await insertNotice(this.#database, { operator, key, amount, givenAt: this.#clock() });
    });
  }

  /** Takes a notice back. @throws {AegisError} `not-found` where none of that key waits */
  async cancelNotice(operator: Uint8Array, key: Uint8Array): Promise<void> {
    const ended = await this.#inTurn.do(() => endNotice(this.#database, { operator, key }, "cancelled"));
    if (!ended) throw noNotice(key);
  }

  /** Pays out what is due. */
  payDue(): Promise<void> {
    return this.#inTurn.do(async () => {
      for (const notice of await dueNotices(this.#database, this.#clock())) await this.#pay(notice);
    });
  }

  /** The ledger pays a notice once: what a crash leaves half done is done again. */
  async #pay({ operator, ...notice }: DueNotice): Promise<void> {
    const name = toHex(operator);
    const payable = payableNow(notice, await this.#ledger.balance(`bond:${name}`), this.#clock());
    if (payable) await this.#ledger.unbond(name, payable, notice.key);
    await endNotice(this.#database, { operator, key: Buffer.from(notice.key, "hex") }, "paid");
  }
}

const vestedOtherwise = () =>
  new AegisError({
    code: "out-of-turn",
    message: "Something newer was asked for of this bond's vesting.",
    next: "See what is so now: aegis bond show.",
  });

const keyReused = () =>
  new AegisError({
    code: "transfer-refused",
    message: "Another notice of this bond has the same key.",
    next: "Give each notice a key of its own, 16 random bytes.",
  });

const tooMany = (waiting: number) =>
  new AegisError({
    code: "too-many",
    message: `${waiting} notices of this bond wait, which is as many as may.`,
    next: "Take one back, or wait until one is paid.",
  });

const noNotice = (key: Uint8Array) =>
  new AegisError({
    code: "not-found",
    message: `No notice ${toHex(key)} of this bond waits.`,
    next: "See which do: aegis bond show. What has been paid out cannot be taken back: put it up again.",
  });

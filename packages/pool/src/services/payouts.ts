import {
  AegisError,
  effectiveAt,
  payoutAfter,
  type PayoutChange,
  type PayoutState,
  type Primitives,
  refusePayoutChange,
  type Signed,
  toCbor,
  toHex,
  type ToAgent,
} from "@aegis-pool/core";
import type pg from "pg";
import { hasEarned, insertPayoutChange, payoutChanges } from "../store/payout-rows.js";
import type { Clock } from "./clock.js";
import { InTurn } from "./in-turn.js";
import type { TransparencyLog } from "./transparency-log.js";

/** Where an operator's earnings go, and where in the log its last change stands. */
export interface PayoutNow extends PayoutState {
  readonly logIndex: number | undefined;
}

/** What payouts are built on. */
export interface PayoutsGround {
  readonly database: pg.Pool;
  readonly log: TransparencyLog;
  readonly primitives: Primitives;
  readonly clock: Clock;
}

/** A change as its operator has asked for it. */
interface Asked {
  readonly account: Uint8Array;
  readonly address: Uint8Array;
  readonly sequence: number;
}

/** Operators' payout addresses. Each change is in the log, takes effect after a delay, and is told to the operator's agents. */
export class Payouts {
  readonly #ground: PayoutsGround;
  /** Of two changes at once, the second is judged after the first. */
  readonly #inTurn = new InTurn();
  /** Told of every change that will take effect, or has at once. */
  onPending: (operator: Uint8Array, change: PayoutChange) => void = () => undefined;

  constructor(ground: PayoutsGround) {
    this.#ground = ground;
  }

  async of(operator: Uint8Array): Promise<PayoutNow> {
    const changes = await payoutChanges(this.#ground.database, operator);
    return { ...payoutAfter(changes, this.#ground.clock()), logIndex: changes.at(-1)?.logIndex };
  }

  /**
   * Takes a change; sent again it changes nothing.
   * @param signed as the operator has signed `asked`
   * @throws {AegisError} `out-of-turn`, `too-many`
   */
  async change(asked: Asked, signed: Signed): Promise<void> {
    await this.#inTurn.do(async () => {
      const { database, clock, log } = this.#ground;
      const { account: operator, sequence } = asked;
      const before = await payoutChanges(database, operator);
      const atOnce = before.length === 0 && !(await hasEarned(database, operator));
      const change = { address: toHex(asked.address), sequence, askedAt: clock(), atOnce };
      const refusal = refusePayoutChange(before, change);
      if (refusal === "same") return;
      if (refusal === "too-many") throw tooMany();
      if (refusal) throw outOfTurn(sequence, before.at(-1)?.sequence ?? 0);
      const text = toCbor(signed);
      const entry = { kind: "payout", change: this.#ground.primitives.sha256(text) } as const;
      await log.append(entry, (client, logIndex) =>
        insertPayoutChange(client, { ...change, operator, change: text, logIndex }),
      );
      const { pending = atOnce ? change : undefined } = payoutAfter([...before, change], change.askedAt);
      if (pending) this.onPending(operator, pending);
    });
  }
}

/** What an agent is told of a change that waits. */
export function pendingMessage(change: PayoutChange): ToAgent {
  return { type: "payout-pending", address: Buffer.from(change.address, "hex"), effectiveAt: effectiveAt(change) };
}

const tooMany = () =>
  new AegisError({
    code: "too-many",
    message: "The payout address has been changed too often of late.",
    next: "Wait a day or more; what is pending can still be taken back: aegis payout cancel.",
  });

const outOfTurn = (sequence: number, last: number) =>
  new AegisError({
    code: "out-of-turn",
    message: `This is change ${sequence} of the payout address, and the last one taken was ${last}.`,
    next: "See what is so now: aegis payout show. If you did not ask for it: aegis payout cancel.",
  });

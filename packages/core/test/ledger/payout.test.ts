import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  mostPayoutChanges,
  noPayoutAddress,
  payoutAfter,
  type PayoutChange,
  payoutDelayMs,
  refusePayoutChange,
} from "../../src/ledger/payout.js";

const [home, away, thief] = ["aa", "bb", "cc"].map((pair) => pair.repeat(20)) as [string, string, string];
const asked = (address: string, sequence: number, askedAt = 0): PayoutChange => ({
  ...{ address, sequence, askedAt, atOnce: false },
});

describe("a payout address", () => {
  it("takes effect three days after it was asked for and not a moment sooner, also the first", () => {
    const change = asked(home, 1, 5);
    expect(payoutAfter([change], 4 + payoutDelayMs)).toMatchObject({ address: noPayoutAddress, pending: change });
    expect(payoutAfter([change], 5 + payoutDelayMs)).toEqual({ address: home, sequence: 1, pending: undefined });
  });

  it("of an operator that has earned nothing takes effect at once, and the next one after three days", () => {
    const first = { ...asked(home, 1, 5), atOnce: true };
    expect(payoutAfter([first], 5)).toEqual({ address: home, sequence: 1, pending: undefined });
    const changes = [first, asked(away, 2, 6)];
    expect(payoutAfter(changes, 5 + payoutDelayMs)).toMatchObject({ address: home, pending: { address: away } });
    expect(payoutAfter(changes, 6 + payoutDelayMs).address).toBe(away);
  });

  it("that is pending gives way to a newer one, whose three days begin anew", () => {
    const changes = [asked(home, 1), asked(away, 2, 10)];
    expect(payoutAfter(changes, payoutDelayMs)).toMatchObject({ address: noPayoutAddress, pending: { address: away } });
    expect(payoutAfter(changes, 10 + payoutDelayMs).address).toBe(away);
  });

  it("in effect takes back what is pending, at once", () => {
    const changes = [asked(home, 1), asked(thief, 2, payoutDelayMs), asked(home, 3, payoutDelayMs + 1)];
    expect(payoutAfter(changes, 9 * payoutDelayMs)).toEqual({ address: home, sequence: 3, pending: undefined });
  });

  it("is changed by the next change alone: not by one played again, out of turn, or that changes nothing", () => {
    const changes = [asked(home, 1), asked(away, 2, payoutDelayMs)];
    const now = payoutDelayMs + 1;
    expect(refusePayoutChange(changes, asked(away, 2, now))).toBe("same");
    expect(refusePayoutChange(changes, asked(home, 1, now))).toBe("out-of-turn");
    expect(refusePayoutChange(changes, asked(thief, 2, now))).toBe("out-of-turn");
    expect(refusePayoutChange(changes, asked(thief, 4, now))).toBe("out-of-turn");
    expect(refusePayoutChange(changes.slice(0, 1), asked(home, 2, now))).toBe("same");
    expect(refusePayoutChange(changes, asked(thief, 3, now))).toBeUndefined();
  });

  it("is changed a bounded number of times in three days, and what a thief has asked for can be taken back all the same", () => {
    const changes = Array.from({ length: mostPayoutChanges }, (_, at) => asked(at % 2 ? thief : away, at + 1));
    const next = mostPayoutChanges + 1;
    expect(refusePayoutChange(changes, asked(home, next, 1))).toBe("too-many");
    expect(refusePayoutChange(changes, asked(noPayoutAddress, next, 1))).toBeUndefined();
    expect(refusePayoutChange(changes, asked(home, next, payoutDelayMs))).toBeUndefined();
  });

  it("never takes effect before three days have passed in which it could be taken back, whatever was asked before", () => {
    const address = fc.constantFrom(home, away, thief, noPayoutAddress);
    const waits = fc.array(fc.record({ address, wait: fc.integer({ min: 0, max: 2 * payoutDelayMs }) }));
    fc.assert(
      fc.property(waits, fc.integer({ min: 0, max: 2 * payoutDelayMs }), (history, later) => {
        const changes: PayoutChange[] = [];
        let now = 0;
        for (const { address: to, wait } of history) {
          now += wait;
          const change = asked(to, (changes.at(-1)?.sequence ?? 0) + 1, now);
          if (!refusePayoutChange(changes, change)) changes.push(change);
        }
        const [before, after] = [payoutAfter(changes, now), payoutAfter(changes, now + later)];
        const due = before.pending && now + later >= before.pending.askedAt + payoutDelayMs;
        expect(after.address).toBe(due ? before.pending?.address : before.address);
        const back = asked(before.address, before.sequence + 1, now);
        expect(refusePayoutChange(changes, back)).toBe(before.pending ? undefined : "same");
        expect(payoutAfter([...changes, back], now + later)).toMatchObject({ address: before.address });
      }),
    );
  });
});

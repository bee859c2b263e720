import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingBond, mostNotices, type Notice, noticeMs, payableNow, refuseNotice } from "../../src/ledger/bonds.js";

const notice = (amount: bigint, givenAt = 0): Notice => ({ key: "00", amount, givenAt });
const amount = fc.bigInt({ min: 1n, max: 100n });

describe("a bond", () => {
  it("counts as far as no notice of it has been given", () => {
    expect(countingBond(100n, [])).toBe(100n);
    expect(countingBond(100n, [notice(30n), notice(60n)])).toBe(10n);
    expect(countingBond(20n, [notice(30n)])).toBe(0n); // part of it was lost meanwhile
  });

  it("can be given notice of as far as it counts, by a bounded number of notices", () => {
    expect(refuseNotice(100n, [notice(60n)], 40n)).toBeUndefined();
    expect(refuseNotice(100n, [notice(60n)], 41n)).toBe("insufficient-bond");
    const many = Array.from({ length: mostNotices }, () => notice(1n));
    expect(refuseNotice(100n, many, 1n)).toBe("too-many");
    expect(refuseNotice(100n, many.slice(1), 1n)).toBeUndefined();
  });

  it("is paid out when its notice is over and not a moment sooner, and no more than there is", () => {
    expect(payableNow(notice(30n, 5), 100n, 4 + noticeMs)).toBeUndefined();
    expect(payableNow(notice(30n, 5), 100n, 5 + noticeMs)).toBe(30n);
    expect(payableNow(notice(30n, 5), 20n, 5 + noticeMs)).toBe(20n);
  });

  it("never pays out more than there is, whatever notices were given and whatever was lost before they end", () => {
    fc.assert(
      fc.property(amount, fc.array(amount), amount, (bond, asked, lost) => {
        const notices: Notice[] = [];
        for (const each of asked) if (!refuseNotice(bond, notices, each)) notices.push(notice(each));
        let left = bond > lost ? bond - lost : 0n;
        for (const each of notices) {
          const paid = payableNow(each, left, noticeMs) ?? 0n;
          expect(paid).toBeLessThanOrEqual(each.amount);
          left -= paid;
        }
        expect(left).toBeGreaterThanOrEqual(0n);
      }),
    );
  });
});

/** A bond can be taken out so long after its notice, in ms: two weeks, in which it can still be lost. */
export const noticeMs = 14 * 24 * 3_600_000;

/** Notices that wait at one time, at most. */
export const mostNotices = 16;

/** Part of a bond that its operator wants back. */
export interface Notice {
  /** 16 bytes in hexadecimal, by which the operator names it. */
  readonly key: string;
  /** nAIS. */
  readonly amount: bigint;
  /** ms since 1970. */
  readonly givenAt: number;
}

/** What of a bond counts: that for which no notice has been given. */
export function countingBond(bond: bigint, notices: readonly Notice[]): bigint {
  const leaving = notices.reduce((sum, { amount }) => sum + amount, 0n);
  return bond > leaving ? bond - leaving : 0n;
}

/** Why a notice is refused: it asks for more than counts, or too many wait. */
export function refuseNotice(
  bond: bigint,
  notices: readonly Notice[],
  amount: bigint,
): "insufficient-bond" | "too-many" | undefined {
  if (notices.length >= mostNotices) return "too-many";
  return amount > countingBond(bond, notices) ? "insufficient-bond" : undefined;
}

/** What is paid for a notice at `now`, in nAIS: nothing before it is over, and no more than there still is. */
export function payableNow({ amount, givenAt }: Notice, bond: bigint, now: number): bigint | undefined {
  if (now - givenAt < noticeMs) return undefined;
  return amount < bond ? amount : bond;
}

/** What part of its earnings an operator has put into its bond, epoch by epoch, and until when. */
export interface Vesting {
  /** Of what was earned in the epoch, 0 to 100; 0: nothing any more. */
  readonly percent: number;
  /** nAIS that the bond is to have. */
  readonly target: bigint;
}

/** What an operator has when an epoch ends, in nAIS. */
export interface VestingGround {
  /** In the epoch. */
  readonly earned: bigint;
  /** In its account. */
  readonly free: bigint;
  /** In its bond. */
  readonly bond: bigint;
}

/** nAIS that go from the account into the bond: a part of what the epoch has brought, rounded down, never more than is there or is wanted. */
export function vestedAmount({ percent, target }: Vesting, { earned, free, bond }: VestingGround): bigint {
  const part = (earned * BigInt(percent)) / 100n;
  const missing = target > bond ? target - bond : 0n;
  return [part, missing, free].reduce((least, amount) => (amount < least ? amount : least));
}

/** Part of a bond that its operator wants back. */
export interface BondNotice {
  /** 16 bytes in hexadecimal, by which it can be taken back. */
  readonly key: string;
  /** nAIS. */
  readonly amount: bigint;
  /** ms since 1970. */
  readonly givenAt: number;
  /** When it is paid out, ms since 1970. */
  readonly payableAt: number;
}

/** An operator's bond. */
export interface Bond {
  /** nAIS. */
  readonly bond: bigint;
  /** nAIS of it for which no notice has been given: what counts for the tier. */
  readonly counting: bigint;
  readonly notices: readonly BondNotice[];
  /** So many percent of what is earned go into it at the end of each epoch, until it is `target` nAIS; undefined where nothing does. */
  readonly vesting: { readonly percent: number; readonly target: bigint } | undefined;
}

/** What a tier asks for, or what an operator has of it. */
export interface Standing {
  /** µSCU that the operator's connected agents have proven. */
  readonly provenSpeed: number;
  /** nAIS that count. */
  readonly bond: bigint;
}

/** An operator's standing at a pool. */
export interface OperatorTier extends Standing {
  /** "none", "bonded" or "institution". */
  readonly tier: string;
  /** Since when less is there than the tier asks for, ms since 1970: after seven days it is lost. */
  readonly belowSince: number | undefined;
  /** The next tier and what it asks for; undefined above the highest. */
  readonly next: (Standing & { readonly tier: string }) | undefined;
}

/** A bond as the pool writes it. */
export type WrittenBond = Readonly<
  Record<"bond" | "counting", string> & {
    notices: readonly (Omit<BondNotice, "amount"> & { readonly amount: string })[];
    vesting?: { readonly percent: number; readonly target: string };
  }
>;

export function readBond({ bond, counting, notices, vesting }: WrittenBond): Bond {
  return {
    vesting: vesting && { percent: vesting.percent, target: BigInt(vesting.target) },
    bond: BigInt(bond),
    counting: BigInt(counting),
    notices: notices.map((notice) => ({ ...notice, amount: BigInt(notice.amount) })),
  };
}

type WrittenStanding = Readonly<{ provenSpeed: number; bond: string }>;
export type WrittenTier = WrittenStanding & {
  readonly tier: string;
  readonly belowSince?: number;
  readonly next?: WrittenStanding & { readonly tier: string };
};

export function readTier({ tier, belowSince, next, ...standing }: WrittenTier): OperatorTier {
  return { tier, belowSince, ...readStanding(standing), next: next && { tier: next.tier, ...readStanding(next) } };
}

function readStanding({ provenSpeed, bond }: WrittenStanding): Standing {
  return { provenSpeed, bond: BigInt(bond) };
}

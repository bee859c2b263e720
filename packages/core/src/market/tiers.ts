import { nanoAisPerAis } from "../units/money.js";

/** An operator's standing: "none", or what its proven speed and its bond make it. */
export const tierNames = ["none", "bonded", "institution"] as const;
export type TierName = (typeof tierNames)[number];

/** A bond for each SCU that a tier asks for, in nAIS. */
const bondPerScu = 300n * nanoAisPerAis;
/** SCU that a tier asks for. */
const tierScu: Readonly<Record<TierName, number>> = { none: 0, bonded: 10, institution: 1_000 };

/** Who falls below a tier keeps it as long as no more than this part is missing ... */
const missingPercent = 10;
/** ... and for this time beyond that, in ms. */
export const tierGraceMs = 7 * 24 * 3_600_000;

/** What counts for a tier. */
export interface Standing {
  /** µSCU that the operator's agents have proven. */
  readonly provenSpeed: number;
  /** nAIS of its bond for which no notice has been given. */
  readonly bond: bigint;
}

/** An operator's tier, and since when it no longer meets it, in ms of the caller's clock; undefined while it does. */
export interface TierState {
  readonly tier: TierName;
  readonly belowSince: number | undefined;
}

export const noTier: TierState = { tier: "none", belowSince: undefined };

/** What a tier asks for. */
export function tierTerms(tier: TierName): Standing {
  return { provenSpeed: tierScu[tier] * 1_000_000, bond: BigInt(tierScu[tier]) * bondPerScu };
}

/**
 * What becomes of an operator's tier: up as soon as all that a tier asks for is there, down only when more than a tenth of
 * it has been missing for seven days; so that neither a restart nor a slow day moves anybody.
 */
export function nextTier({ tier, belowSince }: TierState, standing: Standing, now: number): TierState {
  const earned = highestTier(standing);
  if (tierNames.indexOf(earned) >= tierNames.indexOf(tier)) return { tier: earned, belowSince: undefined };
  if (keeps(tier, standing)) return { tier, belowSince: undefined };
  const since = belowSince ?? now;
  return now - since < tierGraceMs ? { tier, belowSince: since } : { tier: earned, belowSince: undefined };
}

function highestTier({ provenSpeed, bond }: Standing): TierName {
  const meets = (tier: TierName) => provenSpeed >= tierTerms(tier).provenSpeed && bond >= tierTerms(tier).bond;
  return tierNames.findLast(meets) ?? "none";
}

function keeps(tier: TierName, { provenSpeed, bond }: Standing): boolean {
  const terms = tierTerms(tier);
  const part = 100 - missingPercent;
  return 100 * provenSpeed >= part * terms.provenSpeed && 100n * bond >= BigInt(part) * terms.bond;
}

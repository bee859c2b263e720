import { formatHours, type HourRange, isWithinHours } from "../units/hours.js";

/** When an owner lends, as they said at the start. */
export interface LendingTerms {
  /** The hours of the day in which the machine is lent; undefined: all. */
  readonly hours: readonly HourRange[] | undefined;
  /** The machine is lent only after the owner has not used it for this long, in ms; undefined: also while they do. */
  readonly quietMs: number | undefined;
}

/** What is known at one moment. Times are in ms of any one clock. */
export interface OwnerSeen {
  /** Whether the owner paused by hand and has not resumed. */
  readonly pausedByHand: boolean;
  /** Local time, 0 to 1439. */
  readonly minuteOfDay: number;
  readonly now: number;
  /** When the owner was last seen to use the machine; undefined: not yet. */
  readonly activeAt: number | undefined;
}

/** Why nothing is lent now. */
export type PauseReason = "paused-by-hand" | "outside-hours" | "owner-active";

/**
 * Whether a machine lends now: undefined where it does, else the reason. The owner's own word comes first, then the
 * hours, then what the owner does.
 */
export function pauseReason({ hours, quietMs }: LendingTerms, seen: OwnerSeen): PauseReason | undefined {
  if (seen.pausedByHand) return "paused-by-hand";
  if (hours && !isWithinHours(hours, seen.minuteOfDay)) return "outside-hours";
  const active = quietMs !== undefined && seen.activeAt !== undefined && seen.now - seen.activeAt < quietMs;
  return active ? "owner-active" : undefined;
}

/** The reason in words for the owner, and what ends it. */
export function describePause(reason: PauseReason, { hours, quietMs }: LendingTerms): string {
  if (reason === "paused-by-hand") return "you paused it; `aegis agent resume` goes on";
  if (reason === "outside-hours") return `outside the hours it is lent, ${formatHours(hours ?? [])}`;
  return `you use this machine; it goes on after ${Math.round((quietMs ?? 0) / 1_000)} s of quiet`;
}

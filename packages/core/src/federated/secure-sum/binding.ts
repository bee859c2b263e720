import { Bytes, Whole } from "../../shared/schema.js";

/** Bounds of a run that all sides hold to. */
export const federatedLimits = {
  /** No sum of fewer participants is ever released. */
  leastParticipants: 5,
  participants: 1_000,
  rounds: 100_000,
  /** Tries at one sum, each with new committee keys and new seeds. */
  attempts: 8,
  groups: 200,
  /** Values in one upload: 256 MiB. */
  values: 2 ** 26,
} as const;

/** Which sum is meant: nothing signed or derived for one is of use for another. */
export interface SumBinding {
  /** The run: SHA-256 of its signed terms. */
  readonly run: Uint8Array;
  /** From 1: which of the run's sums. */
  readonly round: number;
  /** From 1: which try at it. */
  readonly attempt: number;
  /** Which of the run's disjoint groups, from 0. */
  readonly group: number;
}

/** {@link SumBinding} as part of a statement's schema. */
export const bindingFields = {
  run: Bytes(32),
  round: Whole(1, federatedLimits.rounds),
  attempt: Whole(1, federatedLimits.attempts),
  group: Whole(0, federatedLimits.groups - 1),
} as const;

/** The binding alone, of something that holds more. */
export function bindingOf({ run, round, attempt, group }: SumBinding): SumBinding {
  return { run, round, attempt, group };
}

/** Whether both speak of the same sum. */
export function sameBinding(a: SumBinding, b: SumBinding): boolean {
  return sameRun(a, b) && a.round === b.round && a.attempt === b.attempt && a.group === b.group;
}

function sameRun(a: SumBinding, b: SumBinding): boolean {
  return a.run.length === b.run.length && a.run.every((byte, index) => byte === b.run[index]);
}

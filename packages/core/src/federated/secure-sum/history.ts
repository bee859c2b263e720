import type { Primitives } from "../../privacy/primitives.js";
import { ascii } from "../../shared/bytes.js";
import { toCbor } from "../../shared/cbor.js";
import type { Step } from "../procedure.js";

/** One group's sum, as far as it matters for what follows. */
export interface SummedGroup {
  readonly group: number;
  readonly participants: number;
  readonly survivors: Uint8Array;
  readonly sum: Uint8Array;
}

/**
 * What a participant has computed so far, as one hash: of the run's plan, and of every sum since. Whoever was shown another sum, or another model,
 * has another, and is not summed with the rest: nobody can be singled out unnoticed. The plan holds a secret, so that it tells the pool nothing.
 */
export type RunHistory = Uint8Array;

const label = ascii("aegis-pool/v1/federated/history");

/** The history of a run that has not begun. */
export function firstHistory(plan: Uint8Array, primitives: Primitives): RunHistory {
  return primitives.sha256(label, plan);
}

/** The history after the sums of `round`; with no groups where the round was lost. */
export function nextHistory(
  before: RunHistory,
  round: number,
  groups: readonly SummedGroup[],
  primitives: Primitives,
): RunHistory {
  const ordered = groups.toSorted((a, b) => a.group - b.group);
  return primitives.sha256(label, before, toCbor({ round, groups: ordered }));
}

/** What an upload says of it: history, and the form of what is added. Alike for all who may be summed. */
export function stateOf(history: RunHistory, { name, parts }: Step, primitives: Primitives): Uint8Array {
  const forms = parts.map((part) => [
    part.name,
    part.values.length,
    part.quantum,
    part.limit,
    part.l2 ?? 0,
    part.noiseVariance ?? 0,
  ]);
  return primitives.sha256(label, history, toCbor([name, forms]));
}

/** Places of the records to train on and of those to test on. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/**
 * `count` folds of stratified cross-validation: each record is tested once, and each fold has its share of positives,
 * to one record. `random` decides which record goes where.
 */
export function stratifiedFolds(labels: Uint8Array, count: number, random: () => number): Fold[] {
  const foldOf = new Int32Array(labels.length);
  // Negatives go on where positives stopped, so that the folds' sizes differ by one at most.
  const order = [1, 0].flatMap((label) => shuffled(placesWhere(labels, label), random));
  for (const [turn, place] of order.entries()) foldOf[place] = turn % count;
  const all = Array.from(foldOf.keys());
  return Array.from({ length: count }, (_, fold) => ({
    train: all.filter((place) => foldOf[place] !== fold),
    test: all.filter((place) => foldOf[place] === fold),
  }));
}

function placesWhere(labels: Uint8Array, wanted: number): number[] {
  return Array.from(labels.keys()).filter((place) => labels[place] === wanted);
}

/** `values` in an order that `random` decides (Fisher and Yates). */
export function shuffled<Value>(values: readonly Value[], random: () => number): Value[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

/**
 * What participants do together, said once for all of it. Standardising columns, finding bins, training, measuring: each is a
 * *procedure*, a generator that yields what this participant adds to the next sum and gets back what all have added together. Every
 * participant runs the same procedure over its own rows; what differs never leaves it, what is equal (models, bins, standards) each
 * computes again from the sums. A procedure knows nothing of masks, networks or other participants: the secure sum is driven around it,
 * over a pool or, in tests, in one process.
 */
export type Procedure<Result> = Generator<Step, Result, readonly GroupSum[]>;

/** One sum that a procedure asks for. All participants ask for the same steps of the same form: it follows from public terms and earlier sums. */
export interface Step {
  /** What it is for, such as "round 3": shown to the participant, never sent. */
  readonly name: string;
  readonly parts: readonly Part[];
}

/** Values that are summed under one quantum and one bound. */
export interface Part {
  readonly name: string;
  /** What this participant adds: finite. */
  readonly values: Float64Array | Float32Array;
  /** What one unit of the integers that travel stands for, > 0: a value is rounded to a multiple of it, up or down at random so that its mean is kept. */
  readonly quantum: number;
  /** No value is larger than this in magnitude: what is larger is cut to it. */
  readonly limit: number;
  /** The largest Euclidean norm of `values`: what is longer is scaled down to it. Without it only `limit` holds. */
  readonly l2?: number;
  /** Variance of the Skellam noise that each participant adds to each value, in quanta squared; 0 by default. */
  readonly noiseVariance?: number;
}

/** What the participants of one group have added together. Groups are fixed before anybody uploads, and disjoint. */
export interface GroupSum {
  /** How many are in this sum: at least the run's floor. */
  readonly participants: number;
  /** One per part of the step: the sum of all values, in the units of the values. */
  readonly parts: readonly Float64Array[];
}

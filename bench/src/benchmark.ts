/** One measured value, with the bound it is held to, where it has one. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** "ms", "tasks/s", "MiB", or "ratio" for a value without one. */
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What a benchmark measured, and its baseline in the same run. */
export interface Measurement {
  readonly figures: readonly Figure[];
  readonly baseline: Readonly<Record<string, number>>;
}

/** How a benchmark is run. */
export interface RunOptions {
  /** More rounds: minutes instead of one. */
  readonly long: boolean;
  /** Decides whatever is left to chance. */
  readonly seed: number;
  /** Says what is being done now. */
  readonly say: (line: string) => void;
}

/** One benchmark of production code. */
export interface Benchmark {
  readonly name: string;
  /** One line: what is measured. */
  readonly summary: string;
  run(options: RunOptions): Promise<Measurement>;
}

/** Whether a figure keeps its bound; one without a bound always does. */
export function isWithin({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean {
  return value <= atMost && value >= atLeast;
}

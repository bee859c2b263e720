/** One thing that a pool's owner may change while it runs. */
export interface ParameterTerms {
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  /** What it does. */
  readonly words: string;
}

/** Everything that a pool's owner may change while it runs, with its bounds. */
export const parameterTerms = {
  resultDays: terms(
    30,
    1,
    365,
    "days",
    "how long a task's sealed result, log, input and program are kept after it has ended",
  ),
  receiptDays: terms(400, 30, 3_650, "days", "how long the receipts of tasks, and why leases ended, are kept"),
  waitingDays: terms(
    30,
    1,
    365,
    "days",
    "how long a task may wait that no machine takes, before it is cancelled and its money given back",
  ),
  liveTasks: terms(1_000_000, 1_000, 10_000_000, "tasks", "how many tasks may wait or run in the whole pool"),
} as const satisfies Readonly<Record<string, ParameterTerms>>;

export type ParameterName = keyof typeof parameterTerms;
export type Parameters = Readonly<Record<ParameterName, number>>;

/** In the order of the table above. */
export const parameterNames = Object.keys(parameterTerms) as ParameterName[];

/** Every parameter as it is where nobody has changed it. */
export const defaultParameters = Object.fromEntries(
  parameterNames.map((name) => [name, parameterTerms[name].default]),
) as Parameters;

/** Whether a parameter may have this value. */
export function isWithinBounds(name: ParameterName, value: number): boolean {
  const { least, most } = parameterTerms[name];
  return value >= least && value <= most;
}

function terms(initial: number, least: number, most: number, unit: string, words: string): ParameterTerms {
  return { default: initial, least, most, unit, words };
}

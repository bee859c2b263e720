/** What a trainer says of a round. It stays with the participant: of it only loss and rows enter the sums, masked, where the run sums them. */
export interface TrainerMetrics {
  /** Mean loss over the rows of the model as it came, before any training. */
  readonly loss: number;
  /** Rows that were trained on, 1 or more. */
  readonly rows: number;
  /** What else the trainer counted, by name. */
  readonly others: ReadonlyMap<string, number>;
}

/** Bounds of `metrics.json`. */
export const metricsLimits = { bytes: 64 * 1_024, others: 64, nameLength: 64 } as const;

/** The metrics of `metrics.json`, or a sentence that says what is wrong with it. */
export function parseMetrics(json: string): TrainerMetrics | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return "it is not JSON (NaN and Infinity are none)";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no JSON object";
  const numbers = new Map(Object.entries(value as Record<string, unknown>));
  if (numbers.size > metricsLimits.others + 2)
    return `it has ${numbers.size} entries, more than ${metricsLimits.others + 2}`;
  for (const [name, number] of numbers) {
    if (name.length > metricsLimits.nameLength) return `a name is longer than ${metricsLimits.nameLength} characters`;
    // JSON.parse makes Infinity of 1e999
    if (typeof number !== "number" || !Number.isFinite(number)) return `its "${name}" is no finite number`;
  }
  return metricsOf(numbers as Map<string, number>);
}

function metricsOf(numbers: Map<string, number>): TrainerMetrics | string {
  const loss = numbers.get("loss");
  const rows = numbers.get("rows");
  if (loss === undefined || rows === undefined) return 'it lacks "loss" or "rows"';
  if (!Number.isSafeInteger(rows) || rows < 1) return `its "rows" is ${rows}, not an integer of 1 or more`;
  numbers.delete("loss");
  numbers.delete("rows");
  return { loss, rows, others: numbers };
}

import type { Measured, TrafficBench, TrafficKind } from "./measured.js";
import { perSecond } from "./quick-speeds.js";

/** What is measured: operations per second of a matrix product, or bytes per second of memory traffic. */
export type ComponentName = "fp32" | "fp16" | TrafficKind;

/** One component, all that is lent of a class together. */
export interface Component {
  readonly name: ComponentName;
  /** The best of all rounds: what the machine does while it is cool. */
  readonly burst: number;
  /** What a quarter of the rounds reach once the machine is warm: this one counts. What else it does only ever slows a round. */
  readonly sustained: number;
  /** Median absolute deviation of the warm rounds, as a part of their median. */
  readonly spread: number;
}

/** What a device is worth by this machine's own measure. */
export interface Rating {
  readonly components: readonly Component[];
  /** µSCU, by the sustained figures. */
  readonly scu: number;
  /** The spread did not become small in time: something else uses the machine, or there were too few rounds to tell. */
  readonly busy: boolean;
}

/** One look at the measurement under way. */
export interface RatingProgress {
  readonly seconds: number;
  readonly ofSeconds: number;
  readonly scu: number;
}

/** One component, and how one round of it is measured. */
export type Measure = readonly [name: ComponentName, measure: () => Promise<Measured>];

/** Sustained figures by component. */
export type Sustained = Readonly<Partial<Record<ComponentName, number>>>;

/** Time of the product in each round, and of each walk through memory, in ms. */
export const roundMs = { product: 700, traffic: 100 } as const;
const kinds: readonly TrafficKind[] = ["read", "write", "triad"];
/** Rounds until the machine is warm, and the least that are judged after them. */
const rounds = { warmUp: 3, judged: 5 } as const;
/** A spread that is small. */
const smallSpread = 0.03;

/** Measures in rounds until the spread is small or `seconds`, counted from `begin`, are over. */
export async function rateInRounds(
  measures: readonly Measure[],
  scuOf: (sustained: Sustained) => number,
  options: { seconds: number; begin: number; onProgress: (progress: RatingProgress) => void },
): Promise<Rating> {
  const { seconds, begin, onProgress } = options;
  const elapsed = () => (performance.now() - begin) / 1_000;
  const measured = measures.map(([name]): [ComponentName, number[]] => [name, []]);
  let rating: Rating;
  let count = 0;
  do {
    for (const [at, [, measure]] of measures.entries()) measured[at]?.[1].push(perSecond(await measure()));
    count++;
    rating = ratingOf(measured, scuOf);
    onProgress({ seconds: Math.min(elapsed(), seconds), ofSeconds: seconds, scu: rating.scu });
  } while (elapsed() < seconds && (rating.busy || count < rounds.warmUp + rounds.judged));
  return rating;
}

/** The three walks through memory, each as long as a round's should be; what was never touched is touched first. */
export async function trafficMeasures(bench: TrafficBench): Promise<Measure[]> {
  await bench.traffic("write", 1);
  const walk = await bench.traffic("triad", 1);
  const walks = Math.max(1, Math.round(roundMs.traffic / walk.ms));
  return kinds.map((kind) => [kind, () => bench.traffic(kind, walks)]);
}

/** As much time for each way of walking: the harmonic mean. */
export function memoryOf(sustained: Sustained): number {
  return kinds.length / kinds.reduce((sum, kind) => sum + 1 / (sustained[kind] ?? 0), 0);
}

function ratingOf(
  measured: readonly (readonly [ComponentName, readonly number[]])[],
  scuOf: (sustained: Sustained) => number,
): Rating {
  const isTooFew = measured.some(([, values]) => values.length < rounds.judged);
  const components = measured.map(([name, values]) => componentOf(name, values));
  const sustained = Object.fromEntries(components.map((component) => [component.name, component.sustained]));
  return {
    components,
    scu: scuOf(sustained),
    busy: isTooFew || components.some(({ spread }) => !(spread <= smallSpread)),
  };
}

function componentOf(name: ComponentName, values: readonly number[]): Component {
  const warm = values.slice(values.length > rounds.warmUp ? rounds.warmUp : 0);
  const middle = quantile(warm, 0.5);
  const deviations = warm.map((value) => Math.abs(value - middle));
  const spread = quantile(deviations, 0.5) / middle;
  return { name, burst: Math.max(0, ...values), sustained: quantile(warm, 0.75), spread };
}

/** The value that a part of all lies below, of those that were measured. */
function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

import { readFileSync } from "node:fs";
import {
  directionEpsilon,
  gaussianCurve,
  gaussianEpsilon,
  RandomWords,
  type RenyiCurve,
  renyiEpsilon,
  renyiOrders,
  skellamCurve,
  SkellamNoise,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Benchmark } from "../benchmark.js";
import { seededRandom } from "../random.js";

interface Vectors {
  readonly gaussian: readonly {
    readonly noiseMultiplier: number;
    readonly samplingRate: number;
    readonly steps: number;
    readonly delta: number;
    readonly rdp?: number;
    readonly pld?: number;
  }[];
  readonly skellam: readonly {
    readonly variance: number;
    readonly shifts: readonly (readonly [number, number])[];
    readonly sums: number;
    readonly delta: number;
  }[];
}

const vectorFile = new URL("../../../vectors/privacy-accounting.json", import.meta.url);
/** How many noises are drawn for the time of one, and of what variance. */
const noises = { count: 500_000, passes: 12, variance: 1e6 };
/** More random directions of Skellam noise, beside those of the vectors. */
const directions = { short: 60, long: 1500 } as const;

/** How far the accountants are from what others found, and whether Skellam's bound is ever below an exact epsilon. */
export const accountant: Benchmark = {
  name: "accountant",
  summary: "epsilon against published values; Skellam's bound against exact directions; baseline: classic conversion",
  run({ long, seed, say }) {
    const { gaussian, skellam } = JSON.parse(readFileSync(vectorFile, "utf8")) as Vectors;
    say(`${gaussian.length} cases of subsampled Gaussian steps`);
    const cases = gaussian.map((steps) => ({ ...steps, curve: gaussianCurve(steps) }));
    const started = performance.now();
    const pld = cases.map((steps) => gaussianEpsilon([steps], steps.delta));
    const accountMs = (performance.now() - started) / cases.length;
    const rdp = cases.map(({ curve, delta }) => renyiEpsilon(curve, delta));
    const classic = cases.map(({ curve, delta }) => classicEpsilon(curve, delta));
    const tested = [...skellam, ...randomDirections(directions[long ? "long" : "short"], seed)];
    say(`${tested.length} directions of Skellam noise, seed ${seed}`);
    const margins = tested.map(marginOf);
    const exact = cases.map((steps) => steps.pld);
    return Promise.resolve({
      figures: [
        { name: "pldWorstError", value: worstError(pld, exact), unit: "ratio", atMost: 0.005 },
        {
          name: "rdpWorstError",
          value: worstError(
            rdp,
            cases.map((steps) => steps.rdp),
          ),
          unit: "ratio",
          atMost: 0.01,
        },
        {
          name: "skellamBelowExact",
          value: margins.filter((margin) => margin < 1).length,
          unit: "directions",
          atMost: 0,
        },
        { name: "skellamLeastMargin", value: Math.min(...margins), unit: "ratio", atLeast: 1 },
        { name: "accountMs", value: accountMs, unit: "ms", atMost: 1000 },
        { name: "skellamNoise", value: nanosecondsPerNoise(), unit: "ns/value", atMost: 30 },
      ],
      baseline: { classicWorstError: worstError(classic, exact), rdpAgainstPldWorstError: worstError(rdp, exact) },
    });
  },
};

/** The largest relative difference, where there is a value to compare with. */
function worstError(found: readonly number[], expected: readonly (number | undefined)[]): number {
  return Math.max(...found.map((value, at) => Math.abs(value / (expected[at] ?? value) - 1)));
}

/** The conversion of Mironov 2017, which most libraries had for years: D + log(1 / delta) / (alpha - 1). */
function classicEpsilon(curve: RenyiCurve, delta: number): number {
  return Math.min(...renyiOrders.map((alpha, at) => (curve[at] ?? Infinity) - Math.log(delta) / (alpha - 1)));
}

/** The bound's epsilon over the exact one. */
function marginOf({ variance, shifts, sums, delta }: Vectors["skellam"][number]): number {
  const all = shifts.flatMap(([shift, count]) => Array.from({ length: count }, () => shift));
  const l1 = all.reduce((sum, shift) => sum + Math.abs(shift), 0);
  const l2 = Math.sqrt(all.reduce((sum, shift) => sum + shift * shift, 0));
  const exact = directionEpsilon(variance, all, { sums, delta });
  return renyiEpsilon(skellamCurve({ variance, l1, l2 }, sums), delta) / exact;
}

/** Two or three distinct integers over some coordinates, against noise from narrow to wide. */
function randomDirections(count: number, seed: number): Vectors["skellam"] {
  const random = seededRandom(seed);
  const below = (most: number) => Math.floor(random() * most);
  return Array.from({ length: count }, () => {
    const shifts = Array.from({ length: 1 + below(3) }, () => [1 + below(30), 1 + below(40)] as const);
    const square = shifts.reduce((sum, [shift, coordinates]) => sum + coordinates * shift * shift, 0);
    // from a fifth of the difference's length to five times it
    return { variance: square * 25 ** (2 * random() - 1), shifts, sums: 1 + below(20), delta: 10 ** -(3 + below(6)) };
  });
}

/** Of a core, in the quickest of some passes: what else runs on the machine only adds to it. Random bytes are part of it. */
function nanosecondsPerNoise(): number {
  const words = new RandomWords((length) => primitives.randomBytes(length));
  const noise = new SkellamNoise(words);
  const values = new Int32Array(noises.count);
  noise.addTo(values, noises.variance);
  const passes = Array.from({ length: noises.passes }, () => {
    const before = process.cpuUsage();
    noise.addTo(values, noises.variance);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1e3) / noises.count;
  });
  return Math.min(...passes);
}

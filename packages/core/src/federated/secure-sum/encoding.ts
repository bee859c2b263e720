import type { Part, Step } from "../procedure.js";
import type { ByteStream } from "../../shared/byte-stream.js";
import type { SumArithmetic } from "./arithmetic.js";

/** How often a part is rounded anew until its integers keep their bound: each try succeeds with a chance of 40% at least. */
const mostTries = 200;
/** exp(-1/2), of which `roundedNorm` is a bound with what is left of certainty. */
const logInverseBeta = 0.5;

/** Gives integers drawn from Skellam noise of `variance`, as many as `into` holds, added to it. */
export type AddNoise = (into: Int32Array, variance: number) => void;

/** What rounding needs besides the values. */
export interface EncodingSources {
  /** Random bytes nobody can guess. */
  readonly random: ByteStream;
  readonly addNoise: AddNoise;
  readonly arithmetic: SumArithmetic;
}

/** How many values a step's parts have together: what one upload holds. */
export function lengthOf({ parts }: Pick<Step, "parts">): number {
  return parts.reduce((sum, { values }) => sum + values.length, 0);
}

/**
 * A step's parts as the integers that are summed: cut, scaled down where they are longer than their bound, divided by the quantum, rounded
 * up or down at random so that the mean is kept, with noise where the part says so. One after another, modulo 2^32.
 * @throws RangeError where a value is not finite: nothing that was computed wrongly is ever added to what others have
 */
export function encode({ parts }: Pick<Step, "parts">, sources: EncodingSources): Int32Array {
  const integers = new Int32Array(lengthOf({ parts }));
  let start = 0;
  for (const part of parts) {
    const own = integers.subarray(start, start + part.values.length);
    encodePart(part, own, sources);
    start += own.length;
  }
  return integers;
}

/** The sum of what was encoded, in the units of the values. */
export function decode({ parts }: Pick<Step, "parts">, sums: Int32Array): Float64Array[] {
  let start = 0;
  return parts.map(({ values, quantum }) => {
    const own = sums.subarray(start, start + values.length);
    start += values.length;
    // by a loop: through a callback for each value, all participants of a run took a quarter of their time for this
    const decoded = new Float64Array(own.length);
    for (let index = 0; index < own.length; index++) decoded[index] = own[index]! * quantum;
    return decoded;
  });
}

function encodePart(part: Part, integers: Int32Array, { random, addNoise, arithmetic }: EncodingSources): void {
  const scale = scaleOf(part, arithmetic);
  const bound = part.l2 === undefined ? Infinity : roundedNorm(part.l2 / part.quantum, part.values.length) ** 2;
  const { values, limit } = part;
  const round = () => arithmetic.roundAtRandom(values, { scale, limit }, random, integers);
  for (let tries = 1; round() > bound; tries++) {
    if (tries === mostTries)
      throw new RangeError(`"${part.name}" cannot be rounded within its bound: it is not as it was checked`);
  }
  if (part.noiseVariance) addNoise(integers, part.noiseVariance);
}

/** By what values are multiplied to be quanta: less where their norm is above the part's bound. */
function scaleOf({ name, values, quantum, limit, l2 }: Part, arithmetic: SumArithmetic): number {
  const squares = arithmetic.squaresOf(values, limit);
  if (Number.isNaN(squares)) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    throw new RangeError(`"${name}" has ${values[at]} at ${at}: only finite values can be summed`);
  }
  const norm = Math.sqrt(squares);
  return l2 !== undefined && norm > l2 ? l2 / norm / quantum : 1 / quantum;
}

/**
 * The Euclidean norm that values of norm `norm`, in quanta, keep when they are rounded at random, with a chance of at least 1 - exp(-1/2):
 * Kairouz, Liu and Steinke, "The Distributed Discrete Gaussian Mechanism" (ICML 2021), equation 2. Rounding is repeated until they do, so
 * this is the sensitivity that noise is measured by.
 */
export function roundedNorm(norm: number, count: number): number {
  const always = norm + Math.sqrt(count);
  const likely = norm ** 2 + count / 4 + Math.sqrt(2 * logInverseBeta) * (norm + Math.sqrt(count) / 2);
  return Math.min(always, Math.sqrt(likely));
}

/**
 * The largest magnitude that `participants` can sum to, noise included but for a chance below 2^-64: a run whose steps could reach 2^31 is
 * refused, since a sum that overflows is wrong and nobody sees it.
 */
export function largestTotal(
  { limit, quantum, noiseVariance = 0 }: Omit<Part, "name" | "values">,
  participants: number,
): number {
  return participants * (limit / quantum + 1) + noiseTail(participants * noiseVariance);
}

/** Bernstein's inequality for a difference of two Poisson variables: above this with a chance below exp(-65), for any of 2^26 values. */
function noiseTail(variance: number): number {
  if (variance === 0) return 0;
  const [third, twice] = [65 / 3, 2 * 65];
  return third + Math.sqrt(third ** 2 + twice * variance);
}

/**
 * The name of the first part whose sum so many honest participants cannot have made; undefined where they can. Whoever hides other values than it masks, or
 * masks by other seeds than it hands out, spoils a sum so that nobody can tell who; that it is spoiled shows, but for a chance as small as its bound is beside 2^32.
 */
export function spoiledPart(
  { parts }: Pick<Step, "parts">,
  sums: Int32Array,
  participants: number,
): string | undefined {
  let start = 0;
  for (const part of parts) {
    const own = sums.subarray(start, start + part.values.length);
    start += own.length;
    const most = largestTotal(part, participants);
    if (own.some((sum) => Math.abs(sum) > most)) return part.name;
  }
  return undefined;
}

/** Why a step cannot be summed among `participants`; undefined where it can. */
export function overflowOf({ name, parts }: Step, participants: number): string | undefined {
  const part = parts.find((each) => !(largestTotal(each, participants) < 2 ** 31));
  return (
    part &&
    `"${part.name}" of "${name}" could sum to ${largestTotal(part, participants)} quanta among ${participants} participants: 2^31 at most; a larger quantum or a smaller limit would do`
  );
}

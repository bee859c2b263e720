import type { Demand } from "@aegis-pool/core";

/** Demands that each take one card and leave of it less than most others need. */
interface Class {
  /** They ask for at least this much of a card, above half. */
  readonly gpuMilli: number;
  /** They ask for at most this many cores and this much memory. */
  readonly cpuMilli: number;
  readonly memoryMib: number;
}

/**
 * Percent of `cards` that no packing can lend which places whatever fits, when all of `come` has come and nothing has gone;
 * also one that knows the future. The argument holds for any class of demands for more than half a card; the best is taken.
 *
 * Two of the class never share a card, and what one leaves of it only small demands can fill. While fewer cards have been
 * asked for than there are, some are untouched. So either all of the class are placed, each with its remainder; or the
 * first that is not finds every untouched card on a machine short of cores or memory, where only more frugal demands can
 * come later: then those cards are stranded beside the remainders until then.
 */
export function lowerBound(come: readonly Demand[], cards: number): number {
  const bounds = classesOf(come).map((one) => leastStranded(come, cards, one));
  return (100 * Math.max(0, ...bounds)) / (1000 * cards);
}

function classesOf(come: readonly Demand[]): Class[] {
  const classes = new Map<string, Class>();
  for (const { gpus, gpuMilli, cpuMilli, memoryMib, models } of come) {
    if (gpus !== 1 || gpuMilli <= 500 || gpuMilli === 1000 || models !== undefined) continue;
    classes.set(`${gpuMilli}/${cpuMilli}/${memoryMib}`, { gpuMilli, cpuMilli, memoryMib });
  }
  return [...classes.values()];
}

/** The least over which of the class is the first that is not placed; milli-GPU. */
function leastStranded(come: readonly Demand[], cards: number, one: Class): number {
  const small = come.filter(({ gpuMilli }) => gpuMilli <= 1000 - one.gpuMilli);
  const frugal = come.filter(({ cpuMilli, memoryMib }) => cpuMilli < one.cpuMilli || memoryMib < one.memoryMib);
  let remainders = -gpuMilliOf(small);
  let untouched = 1000 * cards - gpuMilliOf(frugal);
  let least = Infinity;
  for (const demand of come) {
    if (isOf(demand, one)) {
      least = Math.min(least, Math.max(0, remainders) + Math.max(0, untouched));
      remainders += 1000 - demand.gpuMilli;
    }
    untouched -= 1000 * demand.gpus;
  }
  return Math.min(least, Math.max(0, remainders));
}

function isOf({ gpus, gpuMilli, cpuMilli, memoryMib, models }: Demand, one: Class): boolean {
  const takesACard = gpus === 1 && models === undefined && gpuMilli >= one.gpuMilli && gpuMilli < 1000;
  return takesACard && cpuMilli <= one.cpuMilli && memoryMib <= one.memoryMib;
}

function gpuMilliOf(demands: readonly Demand[]): number {
  return demands.reduce((sum, { gpus, gpuMilli }) => sum + gpus * gpuMilli, 0);
}

import type { StepSum } from "../../src/federated/run-together.js";
import type { GroupSum, Part } from "../../src/federated/procedure.js";
import { known } from "../fixtures.js";

/** Masked sums are read as signed numbers of 32 bits. */
const sumMax = 2 ** 31;

/**
 * Adds as a masked sum does: values rounded to quanta, up or down at random, with the noise that each part asks for.
 * Refuses what a masked sum could not hold: a value beyond its limit, a value that is not finite, and quanta so fine
 * that `mostParticipants` could overflow.
 */
export function roundedSum(random: () => number, mostParticipants: number): StepSum {
  return (steps) => {
    const parts = (steps[0]?.parts ?? []).map((part, at) => {
      const sum = new Float64Array(part.values.length);
      for (const step of steps) {
        addRounded(sum, known(step.parts[at]), random);
        addNoise(sum, known(step.parts[at]), random);
      }
      checkFits(part, mostParticipants);
      return sum.map((units) => units * part.quantum);
    });
    return [{ participants: steps.length, parts }];
  };
}

/** Adds in two groups: the first half of the participants, and the others. */
export function inTwoGroups(sum: StepSum): StepSum {
  return (steps): readonly GroupSum[] => {
    const half = Math.ceil(steps.length / 2);
    return [...sum(steps.slice(0, half)), ...sum(steps.slice(half))];
  };
}

function addRounded(sum: Float64Array, { name, values, quantum, limit }: Part, random: () => number): void {
  for (const [at, value] of values.entries()) {
    if (!(Math.abs(value) <= limit)) throw new RangeError(`${name}: ${value} is beyond its limit of ${limit}`);
    sum[at] = (sum[at] ?? 0) + Math.floor(value / quantum + random());
  }
}

/** Whole numbers of about the variance that is asked for: Skellam's is near the normal one. */
function addNoise(sum: Float64Array, { noiseVariance = 0 }: Part, random: () => number): void {
  if (noiseVariance === 0) return;
  for (let at = 0; at < sum.length; at++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    sum[at] = (sum[at] ?? 0) + Math.round(Math.sqrt(noiseVariance) * normal);
  }
}

function checkFits({ name, quantum, limit }: Part, mostParticipants: number): void {
  if (mostParticipants * (limit / quantum + 1) < sumMax) return;
  throw new RangeError(`${name}: ${mostParticipants} participants could overflow with a quantum of ${quantum}`);
}

import type { StepSum } from "../../src/federated/run-together.js";
import type { GroupSum, Part } from "../../src/federated/procedure.js";

/** Masked sums are read as signed numbers of 32 bits. */
const sumMax = 2 ** 31;

/**
 * Adds as a masked sum does: values rounded to quanta, up or down at random. Refuses what a masked sum could not hold: a value beyond its limit, a
 * value that is not finite, and quanta so fine that `mostParticipants` could overflow.
 */
export function roundedSum(random: () => number, mostParticipants: number): StepSum {
  return (steps) => {
    const parts = (steps[0]?.parts ?? []).map((part, at) => {
      const sum = new Float64Array(part.values.length);
      for (const step of steps) addRounded(sum, step.parts[at]!, random);
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
    sum[at]! += Math.floor(value / quantum + random());
  }
}

function checkFits({ name, quantum, limit }: Part, mostParticipants: number): void {
  if (mostParticipants * (limit / quantum + 1) < sumMax) return;
  throw new RangeError(`${name}: ${mostParticipants} participants could overflow with a quantum of ${quantum}`);
}

import type { Part, StepSum } from "@aegis-pool/core";

/**
 * Adds as a secure sum does, without its masks, which cancel: each value is rounded to quanta, up or down at random so
 * that its mean is kept, and integers are added. Throws a RangeError where a value is beyond its limit or a sum could
 * pass 31 bits.
 */
export function roundedSum(random: () => number): StepSum {
  return (steps) => {
    const parts = (steps[0]?.parts ?? []).map((part, at) => {
      const units = new Float64Array(part.values.length);
      for (const step of steps) addRounded(units, step.parts[at]!, random);
      if (steps.length * (part.limit / part.quantum + 1) >= 2 ** 31) {
        throw new RangeError(`"${part.name}": ${steps.length} participants could overflow its quantum`);
      }
      return units.map((each) => each * part.quantum);
    });
    return [{ participants: steps.length, parts }];
  };
}

function addRounded(units: Float64Array, { name, values, quantum, limit }: Part, random: () => number): void {
  for (let at = 0; at < units.length; at++) {
    const value = values[at]!;
    if (!(Math.abs(value) <= limit)) throw new RangeError(`"${name}": ${value} is beyond its limit of ${limit}`);
    if (value !== 0) units[at]! += Math.floor(value / quantum + random());
  }
}

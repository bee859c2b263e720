import type { GroupSum, Part, Procedure, Step } from "./procedure.js";
import { add } from "./vectors.js";

/** Adds together what all participants add to one step, one step per participant: gives the groups' sums, in the same order each time. */
export type StepSum = (steps: readonly Step[]) => readonly GroupSum[];

/**
 * Runs one procedure per participant in one process, step by step: for tests and benchmarks, where the secure sum is `sum`.
 *
 * @returns one result per participant
 * @throws TypeError where participants ask for different steps, or some have ended and others have not
 */
export function runTogether<Result>(procedures: readonly Procedure<Result>[], sum: StepSum): Result[] {
  let turns = procedures.map((procedure) => procedure.next());
  for (;;) {
    const results = turns.flatMap((turn) => (turn.done ? [turn.value] : []));
    if (results.length === procedures.length) return results;
    if (results.length > 0) throw new TypeError("Some participants have ended where others ask for another sum.");
    const steps = turns.flatMap((turn) => (turn.done ? [] : [turn.value]));
    checkForms(steps);
    const sums = sum(steps);
    turns = procedures.map((procedure) => procedure.next(sums));
  }
}

function checkForms(steps: readonly Step[]): void {
  const forms = steps.map(formOf);
  const other = forms.findIndex((form) => form !== forms[0]);
  if (other >= 0) throw new TypeError(`Participant ${other} asks for ${forms[other]}, participant 0 for ${forms[0]}.`);
}

/** All of a step that must be equal for everybody: everything but the values. */
function formOf({ name, parts }: Step): string {
  return JSON.stringify([name, ...parts.map(partForm)]);
}

function partForm({ name, values, quantum, limit, l2, noiseVariance = 0 }: Part) {
  return { name, length: values.length, quantum, limit, l2, noiseVariance };
}

/** Adds in one group, exactly: no quanta, no bounds, no noise. */
export function plainSum(steps: readonly Step[]): readonly GroupSum[] {
  const parts = (steps[0]?.parts ?? []).map(({ values }, index) => {
    const sum = new Float64Array(values.length);
    for (const step of steps) {
      add(sum, step.parts[index]!.values);
    }
    return sum;
  });
  return [{ participants: steps.length, parts }];
}

/**
 * Adds in one group as the secure sum does, without its masks and noise: values are cut to their limit and rounded to quanta, up or down at random so that their mean is kept.
 *
 * @param random uniform in [0, 1)
 */
export function roundedSum(random: () => number): StepSum {
  const rounded = (part: Part): Part => {
    const { quantum, limit } = part;
    const values = new Float64Array(part.values.length);
    for (let at = 0; at < values.length; at++) {
      const value = Math.max(-limit, Math.min(limit, part.values[at]!));
      values[at] = quantum * Math.floor(value / quantum + random());
    }
    return { ...part, values };
  };
  return (steps) => plainSum(steps.map(({ name, parts }) => ({ name, parts: parts.map(rounded) })));
}

/** Adds in groups of `size` participants, one after another; the last has what is left. @param sum of one group */
export function inGroups(size: number, sum: StepSum): StepSum {
  return (steps) =>
    Array.from({ length: Math.ceil(steps.length / size) }, (_, group) =>
      sum(steps.slice(group * size, (group + 1) * size)),
    ).flat();
}

import { RunTimes } from "@aegis-pool/core";
import { median, quantile } from "../statistics.js";
import type { PredictedRun } from "./predicted-job.js";

/** How far predictions are off, as parts of what the runs took. */
export interface Errors {
  readonly median: number;
  readonly p90: number;
}

/** The errors of `predicted` for each run; those for which there is none are left out. */
export function errorsOf(runs: readonly PredictedRun[], predicted: (index: number) => number | undefined): Errors {
  const errors = runs.flatMap(({ actualMs }, index) => {
    const ms = predicted(index);
    return ms === undefined ? [] : Math.abs(ms - actualMs) / actualMs;
  });
  return { median: median(errors), p90: quantile(errors, 0.9) };
}

/** Work / speed and nothing more: production's own estimate for an agent that it has never seen. */
export function uncorrected(runs: readonly PredictedRun[], speedOf: (agent: string) => number): (number | undefined)[] {
  const times = new RunTimes();
  return runs.map(({ kind, agent, place, actualMs: ms }, index) => {
    const run = { kind, engine: "", fresh: place === 0, speed: speedOf(agent) };
    const expected = times.predict({ ...run, agent: "unseen" });
    times.observe({ ...run, agent: String(index), ms }); // each run a stranger's: nothing is learned about any agent
    return expected;
  });
}

/** The same for whatever it is: the middle of all runs before. */
export function constant(runs: readonly PredictedRun[]): (number | undefined)[] {
  return runs.map((_, index) =>
    index === 0 ? undefined : median(runs.slice(0, index).map(({ actualMs }) => actualMs)),
  );
}

/** The middle of all other runs of the same agent and kind in an equally fresh sandbox, later ones too: what is left is the machine's own noise. */
export function hindsight(runs: readonly PredictedRun[]): (number | undefined)[] {
  return runs.map((run, index) => {
    const others = runs.filter((other, at) => at !== index && pairOf(other) === pairOf(run));
    const sorted = others.map(({ actualMs }) => actualMs).toSorted((a, b) => a - b);
    if (sorted.length === 0) return undefined;
    const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? 0, sorted[sorted.length >> 1] ?? 0];
    return Math.sqrt(low * high);
  });
}

const pairOf = ({ agent, kind, place }: PredictedRun) => `${agent} ${kind} ${place === 0}`;

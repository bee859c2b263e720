import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Capacity, type Demand, LearntPolicy, type PackingPolicy } from "@aegis-pool/core";
import type { Benchmark, Figure } from "../benchmark.js";
import { lowerBound } from "../packing/bound.js";
import { chartOf, type Panel } from "../packing/chart.js";
import { bestFit, fgd } from "../packing/policies.js";
import { arrivals, replay, totalMilli } from "../packing/replay.js";
import {
  type Mix,
  mixes,
  type Published,
  readDemands,
  readNodes,
  readPublished,
  whyNoTrace,
} from "../packing/trace.js";
import { rounded } from "../statistics.js";

/** Those of the published figures: `--seed` does not change them, so that runs can be compared. */
const seeds = [42, 43, 44, 45, 46, 47, 48, 49, 50, 51];
/** A figure is to lie this much below the FGD of the same run, and below the published one. */
const partOfFgd = 0.9;

const picture = new URL("../../../docs/measurements/packing.svg", import.meta.url);

/** openb replayed through the production packing: what is not lent after 130% arrivals. */
export const packing: Benchmark = {
  name: "packing",
  summary:
    "GPUs unallocated at 130% arrivals on three mixes of openb, beside FGD and best fit; --long draws the curves",
  async run({ long, say }) {
    const missing = await whyNoTrace();
    if (missing !== undefined) {
      say(missing);
      return { figures: [], baseline: {} };
    }
    const nodes = await readNodes();
    say(`mean of seeds ${seeds.join(", ")}`);
    const studies: Study[] = [];
    for (const mix of mixes) {
      const study = await studyOf(mix, nodes);
      studies.push(study);
      say(lineOf(study));
    }
    if (long) {
      await writeFile(picture, chartOf(studies.map(panelOf)));
      say(`written: ${fileURLToPath(picture)}`);
    }
    return {
      figures: studies.map(figureOf),
      baseline: Object.fromEntries(studies.flatMap(baselineOf)),
    };
  },
};

/** One mix: means over all seeds. */
interface Study {
  readonly mix: Mix;
  readonly own: Outcome;
  readonly fgd: Outcome;
  readonly bestFit: Outcome;
  readonly bound: number;
  readonly published: { readonly fgd: Published; readonly bestFit: Published };
}

interface Outcome {
  readonly curve: readonly number[];
  /** Percent unallocated when all have come. */
  readonly last: number;
  readonly decisionsPerSecond: number;
}

async function studyOf(mix: Mix, nodes: readonly Capacity[]): Promise<Study> {
  const trace = await readDemands(mix);
  const gpuMilli = totalMilli(nodes);
  const drawn = seeds.map((seed) => arrivals(trace, gpuMilli, seed));
  return {
    mix,
    own: outcomeOf(nodes, drawn, () => new LearntPolicy()),
    fgd: outcomeOf(nodes, drawn, () => fgd(trace)),
    bestFit: outcomeOf(nodes, drawn, () => bestFit),
    bound: mean(drawn.map((come) => lowerBound(come, gpuMilli / 1000))),
    published: { fgd: await readPublished(mix, "FGD"), bestFit: await readPublished(mix, "BestFit") },
  };
}

function outcomeOf(
  nodes: readonly Capacity[],
  drawn: readonly (readonly Demand[])[],
  policy: () => PackingPolicy,
): Outcome {
  const replays = drawn.map((come) => replay(nodes, come, policy()));
  const points = Math.min(...replays.map(({ curve }) => curve.length));
  const curve = Array.from({ length: points }, (_, at) => mean(replays.map((own) => own.curve[at] ?? Number.NaN)));
  return {
    curve,
    last: mean(replays.map((own) => own.curve.at(-1) ?? Number.NaN)),
    decisionsPerSecond: mean(replays.map((own) => own.decisionsPerSecond)),
  };
}

function figureOf({ mix, own, fgd: { last }, published }: Study): Figure {
  return {
    name: mix,
    value: rounded(own.last),
    unit: "%",
    atMost: rounded(Math.min(published.fgd.at130, partOfFgd * last)),
  };
}

function baselineOf({ mix, own, fgd: byFgd, bestFit: byBestFit, bound, published }: Study): [string, number][] {
  return [
    [`${mix}Fgd`, rounded(byFgd.last)],
    [`${mix}FgdPublished`, published.fgd.at130],
    [`${mix}BestFit`, rounded(byBestFit.last)],
    [`${mix}BestFitPublished`, published.bestFit.at130],
    [`${mix}LowerBound`, rounded(bound)],
    [`${mix}DecisionsPerSecond`, Math.round(own.decisionsPerSecond)],
  ];
}

function lineOf({ mix, own, fgd: byFgd, bestFit: byBestFit, bound, published }: Study): string {
  return [
    `${mix}: ${percent(own.last)} (bound ${percent(bound)})`,
    `FGD ${percent(byFgd.last)} (published ${percent(published.fgd.at130)})`,
    `best fit ${percent(byBestFit.last)} (published ${percent(published.bestFit.at130)})`,
    `${Math.round(own.decisionsPerSecond)} decisions/s`,
  ].join(", ");
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`;
}

const colors = { own: "#2e9e5b", fgd: "#d9822b", bestFit: "#5b8def" } as const;

function panelOf({ mix, own, fgd: byFgd, bestFit: byBestFit, bound, published }: Study): Panel {
  return {
    title: mix,
    lines: [
      { name: "best fit", color: colors.bestFit, values: byBestFit.curve },
      { name: "FGD", color: colors.fgd, values: byFgd.curve },
      { name: "ours", color: colors.own, values: own.curve },
    ],
    points: [...pointsOf(colors.fgd, published.fgd), ...pointsOf(colors.bestFit, published.bestFit)],
    bound,
  };
}

function pointsOf(color: string, { at100, at130 }: Published): Panel["points"] {
  return [
    { color, at: 100, value: at100 },
    { color, at: 130, value: at130 },
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { CoreBench, type Engines, openLentEngines } from "@aegis-pool/agent";
import {
  checkProduct,
  type CheckParts,
  drawRows,
  RowCommitment,
  type SpeedChallenge,
  stepsFor,
} from "@aegis-pool/core";
import { combineAndFold, primitives } from "@aegis-pool/platform";
import type { Benchmark, Figure } from "../benchmark.js";
import { median } from "../statistics.js";

const mebibyte = 1024 ** 2;
const parts: CheckParts = { primitives, combineAndFold };
/** Part of the rows that the cheat leaves out. */
const skipped = 0.1;

/** What a proof of speed costs the agent and the pool, and how many cheats it catches. */
export const ratingProof: Benchmark = {
  name: "rating-proof",
  summary: "cost of a challenge to the agent over its cost to the pool; cheats caught that skip a tenth of the rows",
  async run({ long, say }) {
    const { engines } = await openLentEngines("cpu=100%,memory=4GiB");
    try {
      const figures: Figure[] = [];
      const baseline: Record<string, number> = {};
      for (const size of [2_048, 4_096]) {
        say(`a challenge of ${size} columns`);
        const { agentMs, poolMs } = await costs(engines, size);
        figures.push({ name: `costRatio${size}`, value: agentMs / poolMs, unit: "ratio", atLeast: 300 });
        Object.assign(baseline, { [`agentMs${size}`]: agentMs, [`poolMs${size}`]: poolMs });
      }
      say("cheats");
      figures.push({
        name: "cheatsCaught",
        value: await caught(engines, long ? 20_000 : 3_000),
        unit: "ratio",
        atLeast: 0.99,
      });
      return { figures, baseline };
    } finally {
      await engines.close();
    }
  },
};

/** One challenge of at least 3 s on one core, and the check of its answer. */
async function costs(engines: Engines, size: number) {
  const bench = await CoreBench.open(engines, 1, 1_536 * mebibyte);
  try {
    await bench.product(challengeOf(1_024, 8)); // compiles the kernels
    const warm = await bench.product(challengeOf(1_024, 8));
    const challenge = challengeOf(size, stepsFor(size, 1, warm.amount / (warm.ms / 1_000), 3_500));
    const { ms: agentMs, commitment } = await bench.product(challenge);
    const checks = Array.from({ length: 15 }, () => {
      const begin = performance.now();
      if (verdict(challenge, commitment) !== undefined) throw new Error("an honest answer was refused");
      return performance.now() - begin;
    });
    return { agentMs, poolMs: median(checks) };
  } finally {
    await bench.close();
  }
}

/** The part of cheats that are found out, each with another choice of rows left out of the same product. */
async function caught(engines: Engines, trials: number): Promise<number> {
  const bench = await CoreBench.open(engines, 1, 256 * mebibyte);
  try {
    const challenge = challengeOf(256, 4);
    const { commitment } = await bench.product(challenge);
    const rows = (commitment.open(Array.from({ length: challenge.size }, (_, row) => row)) ?? []).map(
      ({ residues }) => residues,
    );
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const left = new Set(shuffled(challenge.size).slice(0, Math.round(challenge.size * skipped)));
      const lazy = rows.map((row, index) => (left.has(index) ? new Uint8Array(row.length) : row));
      if (verdict(challenge, new RowCommitment(lazy, primitives)) !== undefined) found++;
    }
    return found / trials;
  } finally {
    await bench.close();
  }
}

function verdict(challenge: SpeedChallenge, commitment: RowCommitment) {
  const indices = drawRows(challenge, primitives);
  return checkProduct(challenge, { root: commitment.root, indices, rows: commitment.open(indices) ?? [] }, parts);
}

function challengeOf(size: number, steps: number): SpeedChallenge {
  return { seed: primitives.randomBytes(32), size, blocks: 1, steps };
}

/** 0 to `count` - 1 in random order. */
function shuffled(count: number): number[] {
  const keyed = Array.from({ length: count }, (_, index) => ({ index, key: Math.random() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ index }) => index);
}

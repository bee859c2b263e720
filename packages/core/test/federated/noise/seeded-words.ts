import { createCipheriv, createHash } from "node:crypto";
import { RandomWords } from "../../../src/federated/noise/random-words.js";

/** Words that are the same for the same seed: AES-128 in counter mode of zeros. */
export function seededWords(seed: string): RandomWords {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  const stream = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  return new RandomWords((length) => stream.update(Buffer.alloc(length)));
}

/**
 * Pearson's statistic of counts against what is expected, less its mean, in standard deviations; outcomes expected fewer than 10 times
 * are counted together.
 */
export function chiSquareScore(counts: ReadonlyMap<number, number>, expected: ReadonlyMap<number, number>): number {
  const cells = [...expected].map(([value, mean]) => ({ mean, count: counts.get(value) ?? 0 }));
  const rare = cells.filter(({ mean }) => mean < 10);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const common = cells.filter(({ mean }) => mean >= 10);
  const seen = common.reduce((sum, { count }) => sum + count, 0);
  const tested = [
    ...common,
    {
      mean: Math.max(
        10,
        rare.reduce((sum, { mean }) => sum + mean, 0),
      ),
      count: total - seen,
    },
  ];
  const statistic = tested.reduce((sum, { mean, count }) => sum + (count - mean) ** 2 / mean, 0);
  const freedom = tested.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

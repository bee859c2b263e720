import { type AddNoise, bytesOf, RandomWords, SkellamNoise } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

/** Tables of noise that are kept: a run has a few variances. */
const mostTables = 8;

/** Skellam noise for what is uploaded. @param randomBytes `length` bytes nobody can guess */
export function skellamAdder(randomBytes: (length: number) => Uint8Array): AddNoise {
  const words = new RandomWords(randomBytes);
  const tables = new Map<number, SkellamNoise>();
  return (into, variance) => {
    const table = tables.get(variance) ?? new SkellamNoise(variance);
    if (tables.size >= mostTables) tables.clear();
    tables.set(variance, table);
    const noise = new Int32Array(into.length);
    table.drawInto(noise, words);
    primitives.arithmetic.addWords(into, [bytesOf(noise)]);
  };
}

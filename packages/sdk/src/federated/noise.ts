import { type AddNoise, addWords, RandomWords, SkellamNoise } from "@aegis-pool/core";

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
    const drawn = new Int32Array(into.length);
    table.drawInto(drawn, words);
    addWords(into, drawn);
  };
}

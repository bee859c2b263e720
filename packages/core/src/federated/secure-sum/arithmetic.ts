import type { ByteStream } from "../../shared/byte-stream.js";

/**
 * The arithmetic of sums over many words, which core asks of its platform as it does for cryptography: by `sumKernel`, with vector instructions.
 * Plain loops take three times as long, and more than the masks themselves.
 */
export interface SumArithmetic {
  /**
   * `sums += added`, modulo 2^32.
   * @param added 32-bit words, little-endian, as many as there are sums
   * @throws RangeError where there are more or fewer
   */
  addWords(sums: Int32Array, added: Uint8Array): void;
  /** Adds to each word of `sums`, modulo 2^32, the next 32 bits of each stream, little-endian. */
  addStreams(sums: Int32Array, streams: readonly ByteStream[]): void;
  /** The sum of the squares of `values`, each cut to +-`limit`; NaN where one of them is not finite. */
  squaresOf(values: Float64Array | Float32Array, limit: number): number;
  /**
   * Rounds finite values up or down at random: floor(value * scale + random / 2^32), each value cut to +-`limit` before. The integers must fit into 32 bits.
   * @param random 4 bytes are taken for each value @param integers where they are written, as many as values
   * @returns the sum of their squares
   * @throws RangeError where there are more or fewer integers
   */
  roundAtRandom(
    values: Float64Array | Float32Array,
    by: { readonly scale: number; readonly limit: number },
    random: ByteStream,
    integers: Int32Array,
  ): number;
}

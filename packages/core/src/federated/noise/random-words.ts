/** Bytes that are asked for at a time: WebCrypto gives at most 65,536. */
const chunkBytes = 16_384;

/** Random 32-bit words, from a source of random bytes that nobody can guess. No word is given twice. */
export class RandomWords {
  readonly #randomBytes: (length: number) => Uint8Array;
  #words = new Uint32Array(0);
  #next = 0;

  /** @param randomBytes gives that many new random bytes. */
  constructor(randomBytes: (length: number) => Uint8Array) {
    this.#randomBytes = randomBytes;
  }

  /** The next word: an integer in [0, 2^32). */
  next(): number {
    if (this.#next === this.#words.length) this.#refill();
    return this.#words[this.#next++] as number;
  }

  /** Uniform in [0, 1), with all 53 bits of a double's fraction: what Poisson sampling of rows compares with the sampling rate. */
  uniform(): number {
    return (this.next() * 2 ** 21 + (this.next() >>> 11)) / 2 ** 53;
  }

  #refill(): void {
    const bytes = this.#randomBytes(chunkBytes);
    if (bytes.length !== chunkBytes)
      throw new RangeError(`${bytes.length} random bytes where ${chunkBytes} were asked for`);
    // a copy: whoever gave the bytes may use their memory again
    this.#words = new Uint32Array(bytes.slice().buffer);
    this.#next = 0;
  }
}

/** Keeps the last bytes of a stream that nobody may let grow. */
export class Tail {
  readonly #maxBytes: number;
  #kept: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk.subarray(-this.#maxBytes)]).subarray(-this.#maxBytes);
  }

  text(): string {
    return this.#kept.toString("utf8").trim();
  }
}

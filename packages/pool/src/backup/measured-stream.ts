import { createHash } from "node:crypto";
import { Transform } from "node:stream";

const newline = 0x0a;

/** Passes bytes on, and knows their SHA-256 and how many lines they were. */
export class MeasuredStream extends Transform {
  readonly #hash = createHash("sha256");
  #lines = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) this.#lines++;
    done(null, chunk);
  }

  get lines(): number {
    return this.#lines;
  }

  /** In hexadecimal; once, when all has passed. */
  sha256(): string {
    return this.#hash.digest("hex");
  }
}

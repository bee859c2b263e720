import { Failure } from "../failures.js";

/** Bytes before the first section. */
export const headerBytes = 8;
/** Longest LEB128 of 64 bits. */
const mostLebBytes = 10;

/** Walks through the bytes of a module. What it does not find is a `Failure` with `program-invalid`. */
export class ModuleReader {
  readonly #bytes: Uint8Array;
  offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  get atEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.offset++];
    if (byte === undefined) throw new Failure("program-invalid", "the module ends inside a section");
    return byte;
  }

  unsigned(): number {
    let value = 0;
    for (let index = 0; index < mostLebBytes; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw tooLong();
  }

  /** Passes over a number of at most 64 bits, signed or not. */
  skipNumber(): void {
    for (let index = 0; index < mostLebBytes; index++) if (this.byte() < 0x80) return;
    throw tooLong();
  }

  skip(bytes: number): void {
    this.skipTo(this.offset + bytes);
  }

  skipTo(offset: number): void {
    if (offset > this.#bytes.length) throw new Failure("program-invalid", "a section is longer than the module");
    this.offset = offset;
  }
}

function tooLong(): Failure {
  return new Failure("program-invalid", "a number in the module is longer than 64 bits");
}

/** Rewrites a WASM module's own memories so that none can grow past a bound (core specification, section 5.5.8). */
import { Failure } from "./failures.js";

export const pageBytes = 65_536;
const headerBytes = 8;
const memorySection = 5;
const flags = { hasMaximum: 1, isShared: 2, is64: 4 } as const;
const knownFlags = flags.hasMaximum | flags.isShared | flags.is64;
/** The most pages that the specification lets a maximum name. */
const mostPages32 = 65_536;

/**
 * `module` with every memory's maximum at most `maxPages`; the module itself where it declares no memory.
 * @throws {Failure} `program-invalid` where the sections cannot be read, `memory-limit` where a memory starts larger
 */
export function boundMemories(module: Uint8Array, maxPages: number): Uint8Array {
  const reader = new Reader(module, headerBytes);
  while (!reader.atEnd) {
    const start = reader.offset;
    const id = reader.byte();
    const size = reader.unsigned();
    const end = reader.offset + size;
    if (id === memorySection) return splice(module, start, end, rewritten(reader, maxPages));
    reader.skipTo(end);
  }
  return module;
}

function rewritten(reader: Reader, maxPages: number): number[] {
  const count = reader.unsigned();
  const body = [...unsignedBytes(count)];
  for (let index = 0; index < count; index++) body.push(...boundedLimits(reader, maxPages));
  return [memorySection, ...unsignedBytes(body.length), ...body];
}

function boundedLimits(reader: Reader, maxPages: number): number[] {
  const flag = reader.byte();
  if ((flag & ~knownFlags) !== 0) throw new Failure("program-invalid", `a memory has unknown flags ${flag}`);
  const minimum = reader.unsigned();
  const declared = (flag & flags.hasMaximum) === 0 ? Infinity : reader.unsigned();
  const bound = (flag & flags.is64) === 0 ? Math.min(maxPages, mostPages32) : maxPages;
  if (minimum > bound) {
    throw new Failure("memory-limit", `the program starts with ${minimum} pages of memory, ${bound} are allowed`);
  }
  return [flag | flags.hasMaximum, ...unsignedBytes(minimum), ...unsignedBytes(Math.min(declared, bound))];
}

function splice(bytes: Uint8Array, start: number, end: number, middle: readonly number[]): Uint8Array {
  const result = new Uint8Array(bytes.length - (end - start) + middle.length);
  result.set(bytes.subarray(0, start));
  result.set(middle, start);
  result.set(bytes.subarray(end), start + middle.length);
  return result;
}

/** LEB128, unsigned. */
export function unsignedBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

/** Longest LEB128 of 64 bits. */
const mostLebBytes = 10;

class Reader {
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
    throw new Failure("program-invalid", "a number in the module is longer than 64 bits");
  }

  skipTo(offset: number): void {
    if (offset > this.#bytes.length) throw new Failure("program-invalid", "a section is longer than the module");
    this.offset = offset;
  }
}

/** Rewrites a WASM module's own memories so that none can grow past a bound (core specification, section 5.5.8). */
import { Failure } from "../failures.js";
import { headerBytes, ModuleReader } from "./module-reader.js";

export const pageBytes = 65_536;
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
  const reader = new ModuleReader(module, headerBytes);
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

function rewritten(reader: ModuleReader, maxPages: number): number[] {
  const count = reader.unsigned();
  const body = [...unsignedBytes(count)];
  for (let index = 0; index < count; index++) body.push(...boundedLimits(reader, maxPages));
  return [memorySection, ...unsignedBytes(body.length), ...body];
}

function boundedLimits(reader: ModuleReader, maxPages: number): number[] {
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

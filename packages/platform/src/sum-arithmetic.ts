import { fromHex, type SumArithmetic, sumKernel } from "@aegis-pool/core";

/** What core's kernels/sums.ts has. */
interface Kernel {
  add(sums: number, added: number, bytes: number): void;
  addFour(sums: number, added: number, stride: number, bytes: number): void;
  squares(values: number, count: number, limit: number): number;
  round(values: number, words: number, count: number, scale: number, limit: number): number;
}

/** Values that are in the kernel's memory at a time: they, and what is added to them, stay in the cache. */
const pieceValues = 8_192;
const pieceBytes = pieceValues * 4;
/** Where they are: words; values of 8 bytes, or four times words that are added. */
const [wordsAt, addedAt, valuesAt] = [0, pieceBytes, pieceBytes];
const pages = Math.ceil((pieceBytes * 5) / 65_536);

let loaded: ReturnType<typeof instantiate> | undefined;

/** Core's arithmetic of sums by its kernel, in Node.js and in browsers. */
export const arithmetic: SumArithmetic = {
  addWords(sums, added) {
    requireLength("bytes are added to sums", added.length, sums.byteLength);
    let at = 0;
    arithmetic.addStreams(sums, [(into) => into.set(added.subarray(at, (at += into.length)))]);
  },
  addStreams(sums, streams) {
    const { kernel, bytes } = (loaded ??= instantiate());
    const own = asBytes(sums);
    for (let start = 0; start < own.length; start += pieceBytes) {
      const piece = own.subarray(start, start + pieceBytes);
      const length = inSixteens(piece.length);
      bytes.set(piece, wordsAt);
      for (const [index, next] of streams.entries()) {
        const slot = index % 4;
        const slotAt = addedAt + slot * pieceBytes;
        next(bytes.subarray(slotAt, slotAt + piece.length));
        if (slot === 3) kernel.addFour(wordsAt, addedAt, pieceBytes, length);
      }
      for (let slot = 0; slot < streams.length % 4; slot++) {
        kernel.add(wordsAt, addedAt + slot * pieceBytes, length);
      }
      piece.set(bytes.subarray(wordsAt, wordsAt + piece.length));
    }
  },
  squaresOf(values, limit) {
    const { kernel } = (loaded ??= instantiate());
    let squares = 0;
    for (let start = 0; start < values.length; start += pieceValues) {
      squares += kernel.squares(valuesAt, put(values.subarray(start, start + pieceValues)), limit);
    }
    return squares;
  },
  roundAtRandom(values, { scale, limit }, random, integers) {
    requireLength("integers are made of values", integers.length, values.length);
    const { kernel, bytes } = (loaded ??= instantiate());
    const own = asBytes(integers);
    let squares = 0;
    for (let start = 0; start < values.length; start += pieceValues) {
      const padded = put(values.subarray(start, start + pieceValues));
      const piece = own.subarray(start * 4, (start + pieceValues) * 4);
      random(bytes.subarray(wordsAt, wordsAt + piece.length));
      squares += kernel.round(valuesAt, wordsAt, padded, scale, limit);
      piece.set(bytes.subarray(wordsAt, wordsAt + piece.length));
    }
    return squares;
  },
};

/** Puts values where the kernel reads them, with zeros up to a whole number of four. @returns how many those are */
function put(values: Float64Array | Float32Array): number {
  const { values: to } = (loaded ??= instantiate());
  const padded = Math.ceil(values.length / 4) * 4;
  to.set(values);
  to.fill(0, values.length, padded);
  return padded;
}

/** Up to a whole number of 16: what lies behind a piece is never read again. */
function inSixteens(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function asBytes(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function requireLength(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new RangeError(`${found} ${what}: ${wanted} are needed`);
}

function instantiate() {
  const memory = new WebAssembly.Memory({ initial: pages });
  const module = new WebAssembly.Module(fromHex(sumKernel) ?? new Uint8Array(0));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return {
    kernel: exports as unknown as Kernel,
    bytes: new Uint8Array(memory.buffer),
    values: new Float64Array(memory.buffer, valuesAt),
  };
}

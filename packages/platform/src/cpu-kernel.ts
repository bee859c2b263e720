import { type ChallengeKeys, cpuKernel, type RowCombination, type SpeedChallenge } from "@aegis-pool/core";

const pageBytes = 65_536;

/** The kernels that check; kernels/cpu.ts says what each does. */
interface Kernel {
  addEntries(sums: number, first: number, count: number, weight: number, key0: number, key1: number): void;
  scaleSums(sums: number, count: number, to: number, first: number, key0: number, key1: number): void;
  fillTransposed(to: number, size: number, key0: number, key1: number): void;
  fold(vector: number, right: number, size: number, sums: number): void;
}

let loaded: { kernel: Kernel; memory: WebAssembly.Memory } | undefined;

/** Core's `combineAndFold` by the reference kernels. B takes 2 bytes an entry, of memory that is kept for the next check. */
export function combineAndFold(
  { size, steps }: SpeedChallenge,
  keys: ChallengeKeys,
  { indices, weights }: RowCombination,
): Int32Array {
  const [sums, vector, right] = [0, size * 4, size * 6];
  const { kernel, memory } = load(right + size * size * 2);
  const numbers = new Int32Array(memory.buffer, sums, size).fill(0);
  for (const [at, row] of indices.entries()) {
    kernel.addEntries(sums, row * size, size, weights[at] ?? 0, ...keys.left);
  }
  kernel.fillTransposed(right, size, ...keys.right);
  for (let step = 0; step < steps; step++) {
    kernel.scaleSums(sums, size, vector, step * size, ...keys.factors);
    kernel.fold(vector, right, size, sums);
  }
  return numbers.slice();
}

function load(bytes: number) {
  loaded ??= instantiate();
  const missing = Math.ceil((bytes - loaded.memory.buffer.byteLength) / pageBytes);
  if (missing > 0) loaded.memory.grow(missing);
  return loaded;
}

function instantiate() {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(Buffer.from(cpuKernel.plain, "hex"));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { kernel: exports as unknown as Kernel, memory };
}

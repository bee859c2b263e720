import type { CpuSpeeds } from "@aegis-pool/core";

/** Side of the square matrices: three of them fit in a second-level cache. */
const side = 192;
/** Entries of the array that is streamed through memory: 64 MiB, more than caches hold. */
const streamEntries = 8 * 1024 * 1024;
/** The best of this many rounds counts: the others were disturbed. */
const rounds = 3;

/**
 * A quick measurement of one core, in about half a second: an FP32 matrix product and a copy through memory, both in
 * plain JavaScript. It is this machine's own word and is marked so wherever it is shown.
 */
export function measureCore(now: () => number = () => performance.now()): CpuSpeeds {
  return {
    fp32FlopsPerSecond: Math.max(...repeat(() => matrixFlops(now))),
    memoryBytesPerSecond: Math.max(...repeat(() => copyBytes(now))),
  };
}

function repeat(measure: () => number): number[] {
  return Array.from({ length: rounds }, measure);
}

function matrixFlops(now: () => number): number {
  const a = new Float32Array(side * side).fill(0.5);
  const b = new Float32Array(side * side).fill(0.25);
  const c = new Float32Array(side * side);
  const passes = 4;
  const begin = now();
  for (let pass = 0; pass < passes; pass++) multiply(a, b, c);
  const seconds = (now() - begin) / 1_000;
  return (passes * 2 * side ** 3) / seconds;
}

/** c += a x b, row by row, so that all three are walked in order. */
function multiply(a: Float32Array, b: Float32Array, c: Float32Array): void {
  for (let row = 0; row < side; row++) {
    for (let inner = 0; inner < side; inner++) {
      const factor = a[row * side + inner] ?? 0;
      for (let column = 0; column < side; column++) {
        const at = row * side + column;
        c[at] = (c[at] ?? 0) + factor * (b[inner * side + column] ?? 0);
      }
    }
  }
}

function copyBytes(now: () => number): number {
  const source = new Float64Array(streamEntries).fill(1);
  const target = new Float64Array(streamEntries);
  const begin = now();
  target.set(source);
  const seconds = (now() - begin) / 1_000;
  return (2 * source.byteLength) / seconds;
}

/**
 * The program that measures one core, run by the `js` engine inside the sandbox like anybody's program, under the same
 * share. Bundled by itself; see sandbox/bundle.ts.
 */
/** Part of a challenge, as core's `SpeedChallenge` defines it: one block of rows. */
export interface ProductRequest {
  readonly kind: "product";
  readonly size: number;
  readonly block: number;
  readonly steps: number;
  readonly keys: { readonly left: Key; readonly right: Key; readonly factors: Key };
}

/** Traffic between the core and memory: three arrays of `bytes` each are walked `rounds` times. */
export interface TrafficRequest {
  readonly kind: "read" | "write" | "triad";
  readonly bytes: number;
  readonly rounds: number;
}

type Key = readonly [number, number];

/** The reference kernels in hexadecimal, as core's `cpuKernel` has them: what all runs share. */
export interface KernelModules {
  readonly fused: string;
  readonly plain: string;
}

interface Kernel {
  fillEntries(to: number, first: number, count: number, key0: number, key1: number): void;
  fillFactors(to: number, first: number, count: number, key0: number, key1: number): void;
  packRight(from: number, size: number, to: number): void;
  scaleColumns(matrix: number, rows: number, size: number, factors: number): void;
  multiply(left: number, right: number, to: number, rows: number, size: number, strip: number): void;
  toResidues(from: number, count: number, to: number): void;
  readMemory(from: number, bytes: number): number;
  writeMemory(to: number, bytes: number, value: number): void;
  triad(a: number, b: number, to: number, bytes: number): void;
}

const pageBytes = 65_536;
const stripBytes = 128 * 256 * 4;
const memory = new WebAssembly.Memory({ initial: 1 });
let kernel: Kernel;
let arrayBytes = 0;

/** The residues of a product's rows, or the number of bytes that went between core and memory. */
export default function run(
  request: ProductRequest | TrafficRequest,
  { shared }: { readonly shared: KernelModules },
): Uint8Array | number {
  kernel ??= load(shared);
  return request.kind === "product" ? product(request) : traffic(request);
}

function load(modules: KernelModules): Kernel {
  const [fused, plain] = [bytesOf(modules.fused), bytesOf(modules.plain)];
  const module = new WebAssembly.Module(WebAssembly.validate(fused) ? fused : plain);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}

function product({ size, block, steps, keys }: ProductRequest): Uint8Array {
  const entries = size * size;
  const [strip, factors, right, first] = [0, stripBytes, stripBytes + size * 4, stripBytes + size * 4 + entries * 4];
  const second = first + entries * 4;
  reserve(second + entries * 4);
  kernel.fillEntries(first, 0, entries, ...keys.right);
  kernel.packRight(first, size, right);
  kernel.fillEntries(first, block * entries, entries, ...keys.left);
  let [from, to] = [first, second];
  for (let step = 0; step < steps; step++) {
    kernel.fillFactors(factors, step * size, size, ...keys.factors);
    kernel.scaleColumns(from, size, size, factors);
    kernel.multiply(from, right, to, size, size, strip);
    [from, to] = [to, from];
  }
  kernel.toResidues(from, entries, to);
  return new Uint8Array(memory.buffer, to, entries * 2).slice();
}

function traffic({ kind, bytes, rounds }: TrafficRequest): number {
  reserve(3 * bytes);
  if (arrayBytes !== bytes) kernel.writeMemory(0, 3 * bytes, 0); // pages that were never touched are not there yet
  arrayBytes = bytes;
  for (let round = 0; round < rounds; round++) {
    if (kind === "read") kernel.readMemory(0, 3 * bytes);
    else if (kind === "write") kernel.writeMemory(0, 3 * bytes, round);
    else kernel.triad(0, bytes, 2 * bytes, bytes);
  }
  return rounds * 3 * bytes;
}

function reserve(bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
  if (missing > 0) memory.grow(missing);
}

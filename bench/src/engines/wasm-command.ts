/**
 * A WASI command, assembled by hand (webassembly.github.io/spec/core/binary), that multiplies, shifts and reads and
 * writes 1 MiB of memory at places that depend on what it computed: arithmetic and memory, and nothing of the system.
 */
export function mixingCommand(rounds: number): Uint8Array {
  const code = [...locals, ...setUp(rounds), ...loop, end];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic and version
    ...section(1, [1, 0x60, 0, 0]), // one type: () -> ()
    ...section(3, [1, 0]), // one function of it
    ...section(5, [1, 0, 16]), // one memory of 16 pages
    ...section(7, [2, ...exported("memory", 2), ...exported("_start", 0)]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

const i32 = 0x7f;
const i64 = 0x7e;
const end = 0x0b;
/** Local 0 counts down, local 1 is an address, local 2 is what is computed. */
const locals = [2, 2, i32, 1, i64];
const [count, address, value] = [0, 1, 2];
const op = {
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  tee: (local: number) => [0x22, local],
  const32: (constant: number) => [0x41, ...signedLeb(BigInt(constant))],
  const64: (constant: bigint) => [0x42, ...signedLeb(constant)],
  load64: [0x29, 3, 0],
  store64: [0x37, 3, 0],
  sub32: [0x6b],
  and32: [0x71],
  add64: [0x7c],
  mul64: [0x7e],
  xor64: [0x85],
  shiftRight64: [0x88],
  wrap: [0xa7],
};

const setUp = (rounds: number): number[] => [...op.const32(rounds), ...op.set(count)];

/** Knuth's linear congruential generator, whose high bits choose the eight bytes that are mixed with it. */
const step = [
  ...[...op.get(value), ...op.const64(6_364_136_223_846_793_005n), ...op.mul64],
  ...[...op.const64(1_442_695_040_888_963_407n), ...op.add64, ...op.tee(value)],
  ...[...op.const64(41n), ...op.shiftRight64, ...op.wrap, ...op.const32(0xffff8), ...op.and32, ...op.set(address)],
  ...[...op.get(address), ...op.get(address), ...op.load64, ...op.get(value), ...op.xor64, ...op.store64],
];

/** Repeats the step until the count is 0. */
const loop = [
  ...[0x03, 0x40, ...step],
  ...[...op.get(count), ...op.const32(1), ...op.sub32, ...op.tee(count), 0x0d, 0, end],
];

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function exported(name: string, kind: number): number[] {
  const text = [...Buffer.from(name)];
  return [text.length, ...text, kind, 0];
}

function leb(number: number): number[] {
  return number < 128 ? [number] : [(number % 128) + 128, ...leb(Math.floor(number / 128))];
}

function signedLeb(number: bigint): number[] {
  const low = Number(number & 0x7fn);
  const rest = number >> 7n;
  const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signedLeb(rest)];
}

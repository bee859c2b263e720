import { Failure } from "../failures.js";
import type { ModuleReader } from "./module-reader.js";

/**
 * What follows an opcode (core specification 3.0, section 5.4): `leb` numbers, an address (`memory`), a list of numbers and one
 * more (`labels`), a list of types, so many bytes, or what a prefix says.
 */
type Immediates = (reader: ModuleReader) => void;

const none: Immediates = () => undefined;
const one: Immediates = (reader) => reader.skipNumber();
const two: Immediates = (reader) => {
  reader.skipNumber();
  reader.skipNumber();
};
const bytes =
  (count: number): Immediates =>
  (reader) =>
    reader.skip(count);
const list: Immediates = (reader) => {
  for (let left = reader.unsigned(); left > 0; left--) reader.skipNumber();
};
const labels: Immediates = (reader) => {
  list(reader);
  reader.skipNumber();
};
/** Alignment, which memory where bit 6 is set, offset. */
const memory: Immediates = (reader) => {
  const alignment = reader.unsigned();
  if ((alignment & 0x40) !== 0) reader.skipNumber();
  reader.skipNumber();
};
const memoryAndLane: Immediates = (reader) => {
  memory(reader);
  reader.skip(1);
};
/** Handlers of a `try_table`: two kinds with a tag and a label, two with a label alone. */
const handlers: Immediates = (reader) => {
  reader.skipNumber();
  for (let left = reader.unsigned(); left > 0; left--) (reader.byte() < 2 ? two : one)(reader);
};

/** From an opcode to the last of a row with the same immediates. */
type Row = readonly [first: number, last: number, immediates: Immediates];

/** By opcode: to look through rows for each instruction took ten times longer. */
type Table = readonly (Immediates | undefined)[];

function tableOf(rows: readonly Row[]): Table {
  const table: (Immediates | undefined)[] = Array.from({ length: 256 });
  for (const [first, last, immediates] of rows) table.fill(immediates, first, last + 1);
  return table;
}

const plain = tableOf([
  [0x00, 0x01, none],
  [0x02, 0x04, one],
  [0x05, 0x05, none],
  [0x06, 0x09, one],
  [0x0a, 0x0b, none],
  [0x0c, 0x0d, one],
  [0x0e, 0x0e, labels],
  [0x0f, 0x0f, none],
  [0x10, 0x10, one],
  [0x11, 0x11, two],
  [0x12, 0x12, one],
  [0x13, 0x13, two],
  [0x14, 0x15, one],
  [0x18, 0x18, one],
  [0x19, 0x1b, none],
  [0x1c, 0x1c, list],
  [0x1f, 0x1f, handlers],
  [0x20, 0x26, one],
  [0x28, 0x3e, memory],
  [0x3f, 0x42, one],
  [0x43, 0x43, bytes(4)],
  [0x44, 0x44, bytes(8)],
  [0x45, 0xc4, none],
  [0xd0, 0xd0, one],
  [0xd1, 0xd1, none],
  [0xd2, 0xd2, one],
]);
const bulk = tableOf([
  [0, 7, none],
  [8, 8, two],
  [9, 9, one],
  [10, 10, two],
  [11, 11, one],
  [12, 12, two],
  [13, 13, one],
  [14, 14, two],
  [15, 17, one],
]);
const vector = tableOf([
  [0, 11, memory],
  [12, 13, bytes(16)],
  [14, 20, none],
  [21, 34, bytes(1)],
  [35, 83, none],
  [84, 91, memoryAndLane],
  [92, 93, memory],
  [94, 0xff, none],
]);
const atomic = tableOf([
  [0, 2, memory],
  [3, 3, bytes(1)],
  [0x10, 0x4e, memory],
]);
const byPrefix: Readonly<Record<number, Table>> = { 0xfc: bulk, 0xfd: vector, 0xfe: atomic };

/** Relaxed vector instructions (core specification 3.0, section 4.3.4): what they give is each machine's own. */
const relaxed = { prefix: 0xfd, first: 0x100, last: 0x113 } as const;

/**
 * Passes over one instruction.
 * @returns its opcode; of one with a prefix, 256 times the prefix and its number
 * @throws {Failure} `program-invalid` where it is relaxed, or is none of those that are read here
 */
export function passSteadyInstruction(reader: ModuleReader): number {
  const opcode = reader.byte();
  const prefixed = byPrefix[opcode];
  const number = prefixed ? reader.unsigned() : opcode;
  const immediates = (prefixed ?? plain)[number];
  if (immediates) {
    immediates(reader);
    return prefixed ? opcode * 256 + number : opcode;
  }
  const name = `0x${opcode.toString(16)}${prefixed ? ` 0x${number.toString(16)}` : ""}`;
  const isRelaxed = opcode === relaxed.prefix && number >= relaxed.first && number <= relaxed.last;
  throw new Failure(
    "program-invalid",
    isRelaxed
      ? `the relaxed vector instruction ${name} may give another result on another machine: compile without relaxed SIMD`
      : `no deterministic task may use the instruction ${name}, which is not known here`,
  );
}

import { Failure } from "../../failures.js";
import { headerBytes, ModuleReader } from "../module-reader.js";

export const sections = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  code: 10,
} as const;

export interface Section {
  readonly id: number;
  /** Where its content begins and ends. */
  readonly start: number;
  readonly end: number;
}

/** A function's type: how many values it takes and gives, and the latter as they are written. */
export interface Signature {
  readonly parameters: number;
  readonly results: number;
  readonly resultBytes: Uint8Array;
}

/** What metering has to know of a module before it reads its functions. */
export interface Outline {
  readonly sections: readonly Section[];
  readonly types: readonly Signature[];
  /** Type of each function of the module's own. */
  readonly functions: readonly number[];
  readonly importedFunctions: number;
  /** All globals, imported ones too. */
  readonly globals: number;
}

const functionType = 0x60;
/** A type of references says what it refers to. */
const typedReferences: ReadonlySet<number> = new Set([0x63, 0x64]);
const limitFlags = { hasMaximum: 1, is64: 4 } as const;
const kinds = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** @throws {Failure} `program-invalid` where it has something of which no cost is known here */
export function outlineOf(module: Uint8Array): Outline {
  const found = sectionsOf(module);
  const read = <T>(id: number, item: (reader: ModuleReader) => T): T[] => itemsOf(module, found, id, item);
  const imports = read(sections.import, passImport);
  read(sections.table, passTable);
  read(sections.memory, passLimits);
  const count = (kind: number): number => imports.filter((imported) => imported === kind).length;
  const global = found.find(({ id }) => id === sections.global);
  return {
    sections: found,
    types: read(sections.type, (reader) => signature(reader, module)),
    functions: read(sections.function, (reader) => reader.unsigned()),
    importedFunctions: count(kinds.function),
    globals: count(kinds.global) + (global ? new ModuleReader(module, global.start).unsigned() : 0),
  };
}

function sectionsOf(module: Uint8Array): Section[] {
  const reader = new ModuleReader(module, headerBytes);
  const found: Section[] = [];
  while (!reader.atEnd) {
    const id = reader.byte();
    const size = reader.unsigned();
    const start = reader.offset;
    found.push({ id, start, end: start + size });
    reader.skip(size);
  }
  return found;
}

function itemsOf<T>(module: Uint8Array, found: readonly Section[], id: number, item: (reader: ModuleReader) => T): T[] {
  const section = found.find((other) => other.id === id);
  if (!section) return [];
  const reader = new ModuleReader(module, section.start);
  const items: T[] = [];
  for (let left = reader.unsigned(); left > 0; left--) items.push(item(reader));
  return items;
}

function signature(reader: ModuleReader, module: Uint8Array): Signature {
  const form = reader.byte();
  if (form !== functionType) throw unmetered(`types of the form 0x${form.toString(16)}`);
  const parameters = passTypes(reader);
  const begin = reader.offset;
  const results = passTypes(reader);
  return { parameters, results, resultBytes: module.subarray(begin, reader.offset) };
}

function passTypes(reader: ModuleReader): number {
  const count = reader.unsigned();
  for (let left = count; left > 0; left--) passType(reader);
  return count;
}

/** @returns its first byte */
export function passType(reader: ModuleReader): number {
  const first = reader.byte();
  if (typedReferences.has(first)) reader.skipNumber();
  return first;
}

function passImport(reader: ModuleReader): number {
  reader.skip(reader.unsigned());
  reader.skip(reader.unsigned());
  const kind = reader.byte();
  if (kind === kinds.table) passType(reader);
  if (kind === kinds.table || kind === kinds.memory) passLimits(reader);
  else if (kind === kinds.global) {
    passType(reader);
    reader.skip(1);
  } else if (kind === kinds.tag) {
    reader.skip(1);
    reader.skipNumber();
  } else if (kind === kinds.function) reader.skipNumber();
  else throw unmetered(`imports of kind ${kind}`);
  return kind;
}

function passTable(reader: ModuleReader): void {
  const first = passType(reader);
  if (first === 0x40) throw unmetered("tables with a first value");
  passLimits(reader);
}

function passLimits(reader: ModuleReader): void {
  const flags = reader.byte();
  if ((flags & limitFlags.is64) !== 0) throw unmetered("memories and tables of 64 bits");
  reader.skipNumber();
  if ((flags & limitFlags.hasMaximum) !== 0) reader.skipNumber();
}

function unmetered(what: string): Failure {
  return new Failure("program-invalid", `no deterministic task may use ${what}: what they cost is not known here`);
}

import { unsignedBytes } from "../memories.js";
import { headerBytes, ModuleReader } from "../module-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { meteredCode } from "./code.js";
import { type Outline, outlineOf, type Section, sections } from "./outline.js";
import { addedTypes } from "./types.js";

/** How much a program may use, and where it is read how much is left. */
export interface Tank {
  /** At most 2 ** 53 - 1. */
  readonly fuel: number;
  /** The name of an export that the module has not: its counter. {@link startName} is made of it. */
  readonly name: string;
}

/** Where a module's start function is found: who reads the counter must have the instance before anything is executed. */
export function startName(name: string): string {
  return `${name}-start`;
}

const i64 = 0x7e;
const [constant64, end] = [0x42, 0x0b];
const isMutable = 1;
const functionKind = 0;
const globalKind = 3;

/**
 * `module` with a counter that starts at `tank.fuel` and from which is taken what is executed; the program traps soon after it has fallen
 * below zero, and has used too much exactly when it is below zero at the end. The counter is a global behind the module's own.
 * @param module a valid one: what lies behind its own globals and locals would be the counter
 * @throws {Failure} `program-invalid` where something is in it of which the cost is not known
 */
export function meterModule(module: Uint8Array, tank: Tank): Uint8Array {
  const outline = outlineOf(module);
  const out = new ByteWriter();
  out.copy(module.subarray(0, headerBytes));
  const added = new Map<number, () => Uint8Array>([
    [sections.global, () => withGlobal(module, outline, tank)],
    [sections.export, () => withExports(module, outline, tank)],
  ]);
  const add = (id: number): void => {
    const content = added.get(id);
    if (content) writeSection(out, id, content());
    added.delete(id);
  };
  for (const section of outline.sections) {
    for (const id of added.keys()) if (isBefore(id, section.id)) add(id);
    if (added.has(section.id)) add(section.id);
    else copySection(out, module, section, outline);
  }
  for (const id of added.keys()) add(id);
  return out.written.slice();
}

/** The order in which sections stand (core specification 3.0, section 5.5.1): those after exports come in any order here. */
function isBefore(id: number, next: number): boolean {
  return next !== sections.custom && id < next && !earlyTags.has(next);
}

/** Tags stand between memories and globals in spite of their number. */
const earlyTags: ReadonlySet<number> = new Set([13]);

function copySection(out: ByteWriter, module: Uint8Array, section: Section, outline: Outline): void {
  const content = module.subarray(section.start, section.end);
  if (section.id === sections.start || (section.id === sections.custom && !isNames(content))) return;
  writeSection(out, section.id, rewritten(module, section, outline) ?? content);
}

function rewritten(module: Uint8Array, section: Section, outline: Outline): Uint8Array | undefined {
  if (section.id === sections.type) return appended(module, section, addedTypes(outline.types));
  return section.id === sections.code ? meteredCode(module, section.start, outline) : undefined;
}

/** Other sections say where in the code something is, which is somewhere else now. */
function isNames(content: Uint8Array): boolean {
  return [4, 0x6e, 0x61, 0x6d, 0x65].every((byte, index) => content[index] === byte);
}

function writeSection(out: ByteWriter, id: number, content: Uint8Array): void {
  out.put(id);
  out.unsigned(content.length);
  out.copy(content);
}

/** The items of a section and `more` of them. */
function appended(module: Uint8Array, section: Section | undefined, more: readonly (readonly number[])[]): Uint8Array {
  const out = new ByteWriter();
  const reader = new ModuleReader(module, section?.start ?? 0);
  out.unsigned((section ? reader.unsigned() : 0) + more.length);
  if (section) out.copy(module.subarray(reader.offset, section.end));
  for (const item of more) out.put(...item);
  return out.written;
}

function withGlobal(module: Uint8Array, { sections: all }: Outline, { fuel }: Tank): Uint8Array {
  const start = new ByteWriter();
  start.signed(fuel);
  const counter = [i64, isMutable, constant64, ...start.written, end];
  return appended(module, sectionOf(all, sections.global), [counter]);
}

function exported(text: string, kind: number, index: number): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...unsignedBytes(bytes.length), ...bytes, kind, ...unsignedBytes(index)];
}

function withExports(module: Uint8Array, { sections: all, globals }: Outline, { name }: Tank): Uint8Array {
  const more = [exported(name, globalKind, globals)];
  const start = sectionOf(all, sections.start);
  if (start) more.push(exported(startName(name), functionKind, new ModuleReader(module, start.start).unsigned()));
  return appended(module, sectionOf(all, sections.export), more);
}

function sectionOf(all: readonly Section[], wanted: number): Section | undefined {
  return all.find(({ id }) => id === wanted);
}

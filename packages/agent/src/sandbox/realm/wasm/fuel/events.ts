import { passSteadyInstruction } from "../instructions.js";
import type { ModuleReader } from "../module-reader.js";
import { costOf } from "./costs.js";
import { opcodes } from "./opcodes.js";
import { passType } from "./outline.js";

/** An instruction at which what is owed may have to be charged: all others just add to it. */
export interface Event {
  readonly opcode: number;
  readonly start: number;
  readonly end: number;
  /** What all instructions cost from the event before up to this one, itself with it. */
  readonly cost: number;
  /** Where it may go, as numbers of blocks counted from within; of `try_table` where its handlers are, seen from outside of it. */
  readonly labels: readonly number[];
  /** Of a block that begins: how many values lie on the stack where its end is reached. */
  readonly type: BlockType | undefined;
}

/** As written: nothing, one value, or a type by its number. */
export type BlockType = "none" | "one" | number;

const none = 0x40;
const starts: ReadonlySet<number> = new Set([opcodes.block, opcodes.loop, opcodes.if, opcodes.try, opcodes.tryTable]);
const branches: ReadonlySet<number> = new Set([opcodes.br, opcodes.brIf]);
export const calls: ReadonlySet<number> = new Set([
  ...[opcodes.call, opcodes.callIndirect, opcodes.callRef],
  ...[opcodes.returnCall, opcodes.returnCallIndirect, opcodes.returnCallRef],
]);
const metered: ReadonlySet<number> = new Set(Object.values(opcodes).filter((opcode) => opcode !== opcodes.nop));

/** Reads all instructions up to `end`, each as whoever checks modules for steadiness does. */
export function eventsOf(reader: ModuleReader, end: number, importedFunctions: number): Event[] {
  const events: Event[] = [];
  let cost = 0;
  while (reader.offset < end) {
    const start = reader.offset;
    const opcode = passSteadyInstruction(reader);
    const isHost = calls.has(opcode) && calleeOf(reader, start) < importedFunctions;
    cost += costOf(opcode, isHost);
    if (!metered.has(opcode)) continue;
    const after = reader.offset;
    events.push({ opcode, start, end: after, cost, ...wherefrom(reader, opcode, start) });
    reader.offset = after;
    cost = 0;
  }
  return events;
}

/** Which function is called directly; of other calls a number that means nothing. */
function calleeOf(reader: ModuleReader, start: number): number {
  const after = reader.offset;
  reader.offset = start + 1;
  const callee = reader.unsigned();
  reader.offset = after;
  return callee;
}

function wherefrom(reader: ModuleReader, opcode: number, start: number): Pick<Event, "labels" | "type"> {
  reader.offset = start + 1;
  if (branches.has(opcode)) return { labels: [reader.unsigned()], type: undefined };
  if (opcode === opcodes.brTable) return { labels: [...numbers(reader), reader.unsigned()], type: undefined };
  if (!starts.has(opcode)) return { labels: [], type: undefined };
  const type = blockType(reader);
  return { type, labels: opcode === opcodes.tryTable ? handlers(reader) : [] };
}

function numbers(reader: ModuleReader): number[] {
  return Array.from({ length: reader.unsigned() }, () => reader.unsigned());
}

/** A type's number is written as a signed number that is not negative: its bytes read the same without a sign. */
function blockType(reader: ModuleReader): BlockType {
  const start = reader.offset;
  const first = reader.byte();
  if (first === none) return "none";
  reader.offset = start;
  // one byte that begins with the sign's bit: a type of values, not a number
  if (first < 0x80 && (first & 0x40) !== 0) {
    passType(reader);
    return "one";
  }
  return reader.unsigned();
}

/** Kinds 0 and 1 name a tag besides. */
function handlers(reader: ModuleReader): number[] {
  return Array.from({ length: reader.unsigned() }, () => {
    if (reader.byte() < 2) reader.skipNumber();
    return reader.unsigned();
  });
}

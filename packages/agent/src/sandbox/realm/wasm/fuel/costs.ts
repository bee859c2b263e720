import { opcodes } from "./opcodes.js";

/** Units of fuel. All that a program does costs one, unless it is named here: how long it takes is no machine's business. */
export const costs = {
  instruction: 1,
  call: 4,
  /** Also looks up a table and compares signatures. */
  indirectCall: 8,
  /** Leaves the program for its engine, in about 100 ns. */
  hostCall: 200,
  /** To clear or copy eight bytes is about one instruction's work: a bulk operation costs its length over `2 ** bytesShift`. */
  bytesShift: 3,
  /** Pages that a memory grows by are cleared: 65,536 bytes over eight. */
  page: 8_192,
} as const;

/** How much each bulk operation takes off for its length: bytes over `2 ** shift`, or elements of a table. */
export const lengthShifts: Readonly<Record<number, number>> = {
  [opcodes.memoryInit]: costs.bytesShift,
  [opcodes.memoryCopy]: costs.bytesShift,
  [opcodes.memoryFill]: costs.bytesShift,
  [opcodes.tableInit]: 0,
  [opcodes.tableCopy]: 0,
  [opcodes.tableFill]: 0,
};

/** How much a page or an element takes off that something grew by. */
export const growthCosts: Readonly<Record<number, number>> = {
  [opcodes.memoryGrow]: costs.page,
  [opcodes.tableGrow]: costs.instruction,
};

/** What costs by a number that is only known when it is executed. */
export const measured: readonly number[] = [...Object.keys(lengthShifts), ...Object.keys(growthCosts)].map(Number);

/** Only say where blocks begin and end: no machine does anything for them. */
const free: ReadonlySet<number> = new Set([
  ...[opcodes.nop, opcodes.block, opcodes.loop, opcodes.else, opcodes.end, opcodes.try, opcodes.catch],
  ...[opcodes.catchAll, opcodes.delegate, opcodes.tryTable],
]);
const direct: ReadonlySet<number> = new Set([opcodes.call, opcodes.returnCall]);
const indirect: ReadonlySet<number> = new Set([
  ...[opcodes.callIndirect, opcodes.returnCallIndirect, opcodes.callRef, opcodes.returnCallRef],
]);

/** What an instruction costs before it is known by how much it grows or how far it reaches; `isHost`: it calls a function of the engine. */
export function costOf(opcode: number, isHost: boolean): number {
  if (direct.has(opcode)) return isHost ? costs.hostCall : costs.call;
  if (indirect.has(opcode)) return costs.indirectCall;
  return free.has(opcode) ? 0 : costs.instruction;
}

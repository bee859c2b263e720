import { measured } from "./costs.js";
import { type BlockType, calls, type Event } from "./events.js";
import { opcodes } from "./opcodes.js";
import type { Signature } from "./outline.js";

/** What is known of a block before its function is written. */
export interface BlockPlan {
  hasElse: boolean;
  /** Nothing may be owed where it is branched to: by a `br_table`, which goes to several at once, or as a handler, from anywhere. */
  mustBePaid: boolean;
}

/** What is known of a function before it is written. */
export interface FunctionPlan {
  /** By the event that begins the block. */
  readonly blocks: ReadonlyMap<Event, BlockPlan>;
  /** The block that the function's body is. */
  readonly body: BlockPlan;
  /** Whether it ends anywhere but at its end. */
  readonly leavesEarly: boolean;
  readonly hasLoops: boolean;
  readonly hasHandlers: boolean;
  readonly hasCalls: boolean;
  /** Whether anything in it costs by how far it reaches or how much it grows. */
  readonly measures: boolean;
  /** All its instructions once. */
  readonly cost: number;
}

const newPlan = (): BlockPlan => ({ hasElse: false, mustBePaid: false });
const paidFor: ReadonlySet<number> = new Set([opcodes.brTable, opcodes.tryTable]);
const ends: ReadonlySet<number> = new Set([opcodes.end, opcodes.delegate]);

/** Looks over a whole function: what is owed at a block's end is decided before it is reached. */
export function planFunction(events: readonly Event[]): FunctionPlan {
  const body = newPlan();
  const blocks = new Map<Event, BlockPlan>();
  const open = [body];
  let leavesEarly = false;
  for (const event of events) {
    const targets = event.labels.map((label) => open[open.length - 1 - label]);
    if (paidFor.has(event.opcode)) for (const target of targets) if (target) target.mustBePaid = true;
    if (targets.includes(body) || event.opcode === opcodes.return) leavesEarly = true;
    const innermost = open.at(-1);
    if (event.opcode === opcodes.else && innermost) innermost.hasElse = true;
    if (ends.has(event.opcode)) open.pop();
    if (event.type === undefined) continue;
    const plan = newPlan();
    blocks.set(event, plan);
    open.push(plan);
  }
  const seen = new Set(events.map(({ opcode }) => opcode));
  const has = (wanted: Iterable<number>): boolean => [...wanted].some((opcode) => seen.has(opcode));
  return {
    ...{ blocks, body, leavesEarly },
    hasLoops: has([opcodes.loop]),
    hasHandlers: has([opcodes.try, opcodes.tryTable]),
    hasCalls: has(calls),
    measures: has(measured),
    cost: events.reduce((sum, { cost }) => sum + cost, 0),
  };
}

/** A block that is open while its function is written. */
export interface Block {
  readonly opcode: number;
  readonly plan: BlockPlan;
  /** What is owed where it began. */
  readonly owedAtStart: number;
  readonly isReached: boolean;
  /** Whether a branch to it takes values along. */
  readonly takesValues: boolean;
  /** What is owed, by everybody, where branches to it arrive; undefined: nobody has come yet. */
  owed: number | undefined;
}

/** Whether a branch to a block of this kind takes values along: to a loop its parameters, to others their results. */
export function takesValues(opcode: number, type: BlockType, types: readonly Signature[]): boolean {
  if (type === "none") return false;
  if (type === "one") return opcode !== opcodes.loop;
  const signature = types[type];
  return (opcode === opcodes.loop ? signature?.parameters : signature?.results) !== 0;
}

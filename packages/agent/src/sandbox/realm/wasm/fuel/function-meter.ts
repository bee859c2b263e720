import { type Block, type FunctionPlan, takesValues } from "./blocks.js";
import type { ByteWriter } from "./byte-writer.js";
import { growthCosts, lengthShifts } from "./costs.js";
import type { Counter } from "./counter.js";
import { calls, type Event } from "./events.js";
import { opcodes } from "./opcodes.js";
import type { Signature } from "./outline.js";
import type { ResultType } from "./types.js";

const nothing = 0x40;
/** A function without loops and calls ends by itself; one that costs no more than this is not asked whether anything is left. */
const mostUnchecked = 1_000;

/** What a function is written from. */
export interface FunctionSource {
  readonly module: Uint8Array;
  /** Where its instructions begin. */
  readonly start: number;
  readonly events: readonly Event[];
  readonly plan: FunctionPlan;
  readonly types: readonly Signature[];
  readonly result: ResultType;
}

/**
 * Writes one function with its charges. What is executed is owed, and carried along from instruction to instruction while it is written;
 * it is charged where ways meet at which not all owe the same, before calls, and at the end. Whoever comes first to where ways meet says
 * what is owed there and is charged nothing: so each way costs the same in the end wherever it is charged (Ball and Larus, "Optimally
 * profiling and tracing programs", 1994), and a loop of one way takes off once in a round.
 */
export class FunctionMeter {
  readonly #source: FunctionSource;
  readonly #out: ByteWriter;
  readonly #counter: Counter;
  readonly #blocks: Block[] = [];
  #owed = 0;
  #isReached = true;
  /** Up to where the source has been written. */
  #written: number;

  constructor(source: FunctionSource, out: ByteWriter, counter: Counter) {
    this.#source = source;
    this.#out = out;
    this.#counter = counter;
    this.#written = source.start;
  }

  write(): void {
    const { plan, events, result } = this.#source;
    this.#counter.refresh();
    if (plan.hasCalls || plan.cost > mostUnchecked) this.#counter.check();
    // ways out lead to the end of this block, behind which the function is charged what it still owes
    if (plan.leavesEarly) this.#out.put(opcodes.block, ...result.type);
    this.#open(opcodes.block, plan.body, result.isAny);
    for (const event of events) this.#pass(event);
    if (this.#isReached) this.#counter.publish(this.#owed);
    this.#out.put(opcodes.end);
  }

  #pass(event: Event): void {
    this.#copyTo(event.start);
    if (this.#isReached) this.#owed += event.cost;
    const { opcode } = event;
    if (event.type !== undefined) return this.#begin(event, event.type);
    if (opcode === opcodes.end || opcode === opcodes.delegate) return this.#end(event);
    if (opcode === opcodes.else || opcode === opcodes.catch || opcode === opcodes.catchAll) return this.#turn(event);
    if (!this.#isReached) return this.#copy(event);
    if (opcode === opcodes.br || opcode === opcodes.return) return this.#leave(event);
    if (opcode === opcodes.brIf) return this.#leaveMaybe(event);
    if (opcode === opcodes.brTable) return this.#leaveByTable(event);
    if (calls.has(opcode)) return this.#call(event);
    this.#operate(event);
  }

  #begin(event: Event, type: NonNullable<Event["type"]>): void {
    const { plan, types } = this.#source;
    const own = plan.blocks.get(event) ?? { hasElse: false, mustBePaid: false };
    const goesBack = event.opcode === opcodes.loop;
    const mayPassBy = event.opcode === opcodes.if && !own.hasElse;
    if (own.mustBePaid && (goesBack || mayPassBy)) this.#pay();
    this.#copy(event);
    const block = this.#open(event.opcode, own, takesValues(event.opcode, type, types));
    if (!this.#isReached) return;
    if (goesBack || mayPassBy) block.owed = this.#owed;
    if (goesBack) this.#counter.check();
  }

  #open(opcode: number, plan: Block["plan"], takes: boolean): Block {
    const owed = plan.mustBePaid && this.#isReached ? 0 : undefined;
    const place = { opcode, plan, owedAtStart: this.#owed, isReached: this.#isReached, takesValues: takes };
    const block: Block = { ...place, owed };
    this.#blocks.push(block);
    return block;
  }

  #end(event: Event): void {
    const block = this.#blocks.pop();
    if (block && block.opcode !== opcodes.loop) {
      if (this.#isReached) this.#settle(block);
      this.#isReached = block.owed !== undefined;
      this.#owed = block.owed ?? 0;
    }
    const isLast = this.#blocks.length === 0;
    if (!isLast || this.#source.plan.leavesEarly) this.#copy(event);
    else this.#written = event.end;
  }

  /** From one part of a block to the next, which begins with what was owed before; a handler with nothing, as whatever throws has paid. */
  #turn(event: Event): void {
    const block = this.#blocks.at(-1);
    if (block && this.#isReached) this.#settle(block);
    this.#isReached = block?.isReached === true;
    this.#owed = event.opcode === opcodes.else ? (block?.owedAtStart ?? 0) : 0;
    this.#copy(event);
  }

  #leave(event: Event): void {
    const depth = event.labels[0] ?? this.#blocks.length - 1;
    const block = this.#target(depth);
    if (block) this.#settle(block);
    this.#branch(opcodes.br, depth, event);
    this.#isReached = false;
  }

  /** Charged on the way that is taken alone, where that is possible: out of a loop it is taken once. */
  #leaveMaybe(event: Event): void {
    const depth = event.labels[0] ?? 0;
    const block = this.#target(depth);
    if (!block) return this.#copy(event);
    block.owed ??= this.#owed;
    if (block.owed === this.#owed) return this.#copy(event);
    if (block.takesValues || block.opcode === opcodes.loop) {
      this.#settle(block);
      return this.#copy(event);
    }
    this.#out.put(opcodes.if, nothing);
    this.#counter.charge(this.#owed - block.owed);
    this.#branch(opcodes.br, depth + 1, event);
    this.#out.put(opcodes.end);
  }

  #leaveByTable(event: Event): void {
    this.#pay();
    this.#copy(event);
    this.#isReached = false;
  }

  #call(event: Event): void {
    this.#counter.publish(this.#owed);
    this.#owed = 0;
    this.#copy(event);
    const returns = [opcodes.call, opcodes.callIndirect, opcodes.callRef].some((opcode) => opcode === event.opcode);
    if (returns) this.#counter.refresh();
    this.#isReached = returns;
  }

  /** What grows, reaches far, or ends the function by a throw or a trap. */
  #operate(event: Event): void {
    const [growth, shift] = [growthCosts[event.opcode], lengthShifts[event.opcode]];
    if (shift !== undefined) this.#counter.chargeLength(shift);
    else if (growth !== undefined) this.#counter.beforeGrowth();
    else {
      this.#counter.publish(this.#owed);
      this.#isReached = false;
    }
    this.#copy(event);
    if (growth !== undefined) this.#counter.chargeGrowth(growth);
  }

  #target(depth: number): Block | undefined {
    return this.#blocks[this.#blocks.length - 1 - depth];
  }

  /** Owes from now on what is owed at a branch's target. */
  #settle(block: Block): void {
    block.owed ??= this.#owed;
    this.#counter.charge(this.#owed - block.owed);
    this.#owed = block.owed;
  }

  #pay(): void {
    this.#counter.charge(this.#owed);
    this.#owed = 0;
  }

  #branch(opcode: number, depth: number, event: Event): void {
    this.#out.put(opcode);
    this.#out.unsigned(depth);
    this.#written = event.end;
  }

  #copy(event: Event): void {
    this.#copyTo(event.end);
  }

  #copyTo(offset: number): void {
    this.#out.copy(this.#source.module.subarray(this.#written, offset));
    this.#written = offset;
  }
}

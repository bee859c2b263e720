import { unsignedBytes } from "../memories.js";
import type { ByteWriter } from "./byte-writer.js";
import { opcodes } from "./opcodes.js";

const instructions = {
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  const32: 0x41,
  const64: 0x42,
  notEqual32: 0x47,
  less64: 0x53,
  subtract64: 0x7d,
  multiply64: 0x7e,
  shiftRight64: 0x88,
  extend: 0xad,
} as const;
const nothing = 0x40;
const minusOne = 0x7f;

/** Where one function finds the counter. */
export interface Places {
  /** The global that all functions share. */
  readonly global: number;
  /** A local that stands for it between calls, in functions with loops: a global is memory, and would be written in each of their rounds. */
  readonly local: number | undefined;
  /** Two 32-bit locals: by how much something is to grow or how far it reaches, and what came of it. */
  readonly scratch: number;
}

/** Writes what charges a program and ends it. None of it leaves anything on the stack, so it may stand before any instruction. */
export class Counter {
  readonly #out: ByteWriter;
  readonly #scratch: number;
  readonly #getShared: readonly number[];
  readonly #setShared: readonly number[];
  readonly #get: readonly number[];
  readonly #set: readonly number[];
  readonly #isCached: boolean;

  constructor(out: ByteWriter, { global, local, scratch }: Places) {
    this.#out = out;
    this.#scratch = scratch;
    this.#isCached = local !== undefined;
    this.#getShared = [instructions.globalGet, ...unsignedBytes(global)];
    this.#setShared = [instructions.globalSet, ...unsignedBytes(global)];
    this.#get = local === undefined ? this.#getShared : [instructions.localGet, ...unsignedBytes(local)];
    this.#set = local === undefined ? this.#setShared : [instructions.localSet, ...unsignedBytes(local)];
  }

  /** Takes off `cost`; gives back where it is negative. */
  charge(cost: number): void {
    if (cost !== 0) this.#move(this.#get, cost, this.#set);
  }

  /** Takes off `cost` where others see it: before they are called, and when the function ends. */
  publish(cost: number): void {
    if (this.#isCached || cost !== 0) this.#move(this.#get, cost, this.#setShared);
  }

  /** Sees what others have taken off. */
  refresh(): void {
    if (this.#isCached) this.#out.put(...this.#getShared, ...this.#set);
  }

  /** Ends the program where nothing is left. */
  check(): void {
    this.#out.put(...this.#get, instructions.const64, 0, instructions.less64, opcodes.if, nothing);
    this.publish(0);
    this.#out.put(opcodes.unreachable, opcodes.end);
  }

  /** Takes off the length on top of the stack, which stays there, over `2 ** shift`. */
  chargeLength(shift: number): void {
    const length = unsignedBytes(this.#scratch);
    this.#out.put(instructions.localTee, ...length, ...this.#get, instructions.localGet, ...length);
    this.#out.put(instructions.extend, instructions.const64, shift, instructions.shiftRight64);
    this.#out.put(instructions.subtract64, ...this.#set);
    this.check();
  }

  /** Keeps by how much something is to grow, which is on top of the stack. */
  beforeGrowth(): void {
    this.#out.put(instructions.localTee, ...unsignedBytes(this.#scratch));
  }

  /** Takes off what it grew by, and nothing where it did not: the result on top of the stack, which stays there, is then -1. */
  chargeGrowth(cost: number): void {
    const [amount, result] = [unsignedBytes(this.#scratch), unsignedBytes(this.#scratch + 1)];
    this.#out.put(instructions.localTee, ...result, ...this.#get, instructions.localGet, ...amount);
    this.#out.put(instructions.extend, instructions.const64);
    this.#out.signed(cost);
    this.#out.put(instructions.multiply64, instructions.localGet, ...result, instructions.const32, minusOne);
    this.#out.put(instructions.notEqual32, instructions.extend, instructions.multiply64);
    this.#out.put(instructions.subtract64, ...this.#set);
    this.check();
  }

  #move(from: readonly number[], cost: number, to: readonly number[]): void {
    this.#out.put(...from);
    if (cost !== 0) {
      this.#out.put(instructions.const64);
      this.#out.signed(cost);
      this.#out.put(instructions.subtract64);
    }
    this.#out.put(...to);
  }
}

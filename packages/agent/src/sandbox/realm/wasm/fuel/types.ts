import { ByteWriter } from "./byte-writer.js";
import type { Signature } from "./outline.js";

const nothing = 0x40;
const givesSeveral = ({ results }: Signature): boolean => results > 1;

/** For each type of several results one of a block that gives these: see {@link resultOf}. */
export function addedTypes(types: readonly Signature[]): readonly (readonly number[])[] {
  return types.filter(givesSeveral).map(({ resultBytes }) => [0x60, 0, ...resultBytes]);
}

/** The type of a block that gives what functions of a type give, as it is written, and whether that is anything. */
export interface ResultType {
  readonly type: readonly number[];
  readonly isAny: boolean;
}

export function resultOf(index: number, types: readonly Signature[]): ResultType {
  const { results = 0, resultBytes = new Uint8Array(0) } = types[index] ?? {};
  if (results === 0) return { type: [nothing], isAny: false };
  if (results === 1) return { type: [...resultBytes.subarray(1)], isAny: true };
  const type = new ByteWriter();
  type.signed(types.length + types.slice(0, index).filter(givesSeveral).length);
  return { type: [...type.written], isAny: true };
}

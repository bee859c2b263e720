// oxlint-disable typescript/unbound-method -- to take methods off their prototypes is what this file is for
/**
 * What our code in the Worker needs after foreign code has run there, taken before it could be changed. The wall
 * between tasks is the main realm, not this; it keeps a program that alters prototypes from harming its own results.
 */
const uncurry = Function.prototype.bind.bind(Function.prototype.call) as <This, Rest extends unknown[], Result>(
  method: (this: This, ...rest: Rest) => Result,
) => (self: This, ...rest: Rest) => Result;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const encode = uncurry(TextEncoder.prototype.encode);
const decode = uncurry(TextDecoder.prototype.decode);

/** The realm's own Uint8Array, whatever the global of that name has become. */
export const Bytes = Uint8Array;
export const parseJson = JSON.parse;
export const stringifyJson = JSON.stringify;
export const subarray = uncurry(Uint8Array.prototype.subarray);
export const setBytes = uncurry(Uint8Array.prototype.set);
export const sliceText = uncurry(String.prototype.slice);
export const newString = String;

const lengthOf = uncurry(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "length")?.get as (
    this: Uint8Array,
  ) => number,
);

/** How many bytes there are, also where a program has altered `length`. */
export function byteCount(bytes: Uint8Array): number {
  return lengthOf(bytes);
}

/** UTF-8 bytes of `text`. */
export function encodeText(text: string): Uint8Array {
  return encode(encoder, text);
}

/** @throws where `bytes` are not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  return decode(decoder, bytes);
}

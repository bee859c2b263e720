/** Byte strings, without any platform: the few operations that core needs. */

/** `parts` one after another. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether two byte strings are equal, in time that depends on their lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}

/** `value` as `width` bytes, most significant first. `value` is an integer in 0..2^53-1. */
export function bigEndian(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(width);
  let rest = value;
  for (let index = width - 1; index >= 0; index--) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** ASCII text as bytes: for labels of our own, which are ASCII by construction. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Of the digits, by their value. */
const hexCodes = ascii("0123456789abcdef");
/** Bytes that are written at a time: arguments of one call. */
const hexBytes = 1_024;

/** Lower-case hexadecimal. Written at once: a string put together from pieces keeps all of them in memory, a kilobyte for a hash. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length > hexBytes) return toHex(bytes.subarray(0, hexBytes)) + toHex(bytes.subarray(hexBytes));
  const codes: number[] = [];
  for (const byte of bytes) codes.push(hexCodes[byte >> 4] ?? 0, hexCodes[byte & 15] ?? 0);
  return String.fromCharCode(...codes);
}

/** The bytes of hexadecimal text, or undefined where it is not hexadecimal. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (digitAt(text, index * 2) << 4) | digitAt(text, index * 2 + 1);
  }
  return bytes;
}

/** The value of a hexadecimal digit, in a quarter of the time that it takes to cut it out and parse it. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

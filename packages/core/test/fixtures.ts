import { fileURLToPath } from "node:url";
import { primitives } from "@aegis-pool/platform";
import type { ByteStream } from "../src/shared/byte-stream.js";
import { fromHex, toHex } from "../src/shared/bytes.js";
import type { Primitives } from "../src/privacy/primitives.js";

/** Bytes of hexadecimal text that is known to be hexadecimal. */
export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (!bytes) throw new TypeError(`"${text}" is not hexadecimal`);
  return bytes;
}

/** `value`, which is there. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("expected a value");
  return value;
}

/** `length` equal bytes, such as a recognisable key. */
export function filled(byte: number, length = 32): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

/** `length` bytes that do not repeat within 250: swapped chunks differ. */
export function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 251);
}

/** `bytes` with one bit of byte `index` flipped. */
export function flipped(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
}

/** The platform's primitives with randomness that can be predicted: each draw is filled with the draw's number. */
export function withFixedRandomness(): Primitives {
  let draws = 0;
  return { ...primitives, randomBytes: (length) => filled(++draws, length) };
}

/** JSON text of a vector file: byte strings as hexadecimal text. */
export function asVector(value: unknown): string {
  return `${JSON.stringify(value, withHex, 2)}\n`;
}

function withHex(_: string, field: unknown): unknown {
  if (field instanceof Uint8Array) return toHex(field);
  const { type, data } = Object(field) as { type?: unknown; data?: unknown };
  return type === "Buffer" ? toHex(Uint8Array.from(data as number[])) : field; // JSON.stringify calls Buffer's toJSON first
}

/** The path of a file in `vectors/`, which `toMatchFileSnapshot` writes where it is missing and compares where it is not. */
export function vectorFile(name: string): string {
  return fileURLToPath(new URL(`../../../vectors/${name}.json`, import.meta.url));
}

/** The next bytes of a stream. */
export function bytesFrom(stream: ByteStream, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  stream(bytes);
  return bytes;
}

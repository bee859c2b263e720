import { encodeUtf8 } from "../../../shared/utf8.js";

/** The wire format of Protocol Buffers ("Encoding"), as far as an ONNX model needs it: fields are written in the order of the calls. */

/** How a field's bytes are read: as one number of variable length, or as many bytes as the number before them says. */
const wireTypes = { varint: 0, lengthDelimited: 2 };
const floatBytes = 4;

/** A field that is an integer of 0 to 2^53-1. */
export function integerField(field: number, value: number): Uint8Array {
  const bytes: number[] = [];
  pushVarint(bytes, field * 8 + wireTypes.varint);
  pushVarint(bytes, value);
  return Uint8Array.from(bytes);
}

/** A field that is a message, put together from its fields, or bytes. */
export function messageField(field: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head: number[] = [];
  pushVarint(head, field * 8 + wireTypes.lengthDelimited);
  pushVarint(head, length);
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  // Not by concatBytes: a tree ensemble has more parts than a call may have arguments.
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A field that is text. */
export function textField(field: number, text: string): Uint8Array {
  return messageField(field, [encodeUtf8(text)]);
}

/** A repeated field of texts, of which many are alike. */
export function textFields(field: number, texts: readonly string[]): Uint8Array[] {
  const written = new Map([...new Set(texts)].map((text) => [text, textField(field, text)]));
  return texts.flatMap((text) => written.get(text) ?? []);
}

/** A repeated field of integers of 0 to 2^53-1, packed. */
export function integersField(field: number, values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) pushVarint(bytes, value);
  return messageField(field, [Uint8Array.from(bytes)]);
}

/** A repeated field of single-precision numbers, packed. */
export function floatsField(field: number, values: readonly number[] | Float32Array): Uint8Array {
  return messageField(field, [littleEndianFloats(values)]);
}

/** Single-precision numbers as bytes, least significant first. */
export function littleEndianFloats(values: readonly number[] | Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * floatBytes);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat32(index * floatBytes, values[index] ?? 0, true);
  return bytes;
}

/** Seven bits a byte, least significant first; all bytes but the last have their highest bit set. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
}

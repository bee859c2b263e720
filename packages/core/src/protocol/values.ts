/**
 * How a task's input, shared input and output travel inside their sealed bytes: one tag byte, then the value.
 * Tag 0 is raw bytes, tag 1 is UTF-8 JSON. The sandbox's realm decodes the same two tags by itself.
 */
export const valueTag = { bytes: 0, json: 1 } as const;

/** What a program can be given and can answer. */
export type TaskValue = Uint8Array | JsonValue;
/** Anything JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Text coding, passed in since core has no platform types. */
export interface TextCoding {
  encode(text: string): Uint8Array;
  /** @throws where the bytes are not valid UTF-8 */
  decode(bytes: Uint8Array): string;
}

/** The tagged bytes of `value`. */
export function encodeValue(value: TaskValue, text: TextCoding): Uint8Array {
  if (value instanceof Uint8Array) return tagged(valueTag.bytes, value);
  return tagged(valueTag.json, text.encode(JSON.stringify(value)));
}

/**
 * The value in tagged bytes.
 * @throws {SyntaxError} where the tag is unknown or the JSON is not JSON
 */
export function decodeValue(bytes: Uint8Array, text: TextCoding): TaskValue {
  const body = bytes.subarray(1);
  if (bytes[0] === valueTag.bytes) return body;
  if (bytes[0] === valueTag.json) return JSON.parse(text.decode(body)) as JsonValue;
  throw new SyntaxError(`a value starts with tag 0 (bytes) or 1 (JSON), not ${bytes[0] ?? "nothing"}`);
}

function tagged(tag: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 1);
  bytes[0] = tag;
  bytes.set(body, 1);
  return bytes;
}

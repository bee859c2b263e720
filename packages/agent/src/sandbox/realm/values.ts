/** Tagged values as in core/protocol/values, decoded here with functions that a program cannot have altered. */
import { Failure } from "./failures.js";
import {
  byteCount,
  Bytes,
  decodeText,
  encodeText,
  parseJson,
  setBytes,
  stringifyJson,
  subarray,
} from "./primordials.js";

const bytesTag = 0;
const jsonTag = 1;

/** @throws {Failure} `input-invalid` */
export function decodeTagged(tagged: Uint8Array): unknown {
  const body = subarray(tagged, 1);
  if (tagged[0] === bytesTag) return body;
  if (tagged[0] !== jsonTag) throw new Failure("input-invalid", `a value starts with tag 0 or 1, not ${tagged[0]}`);
  try {
    return parseJson(decodeText(body));
  } catch (error) {
    throw new Failure("input-invalid", `the value is not JSON in UTF-8: ${String(error)}`);
  }
}

/** Bytes as they are, anything else as JSON; what JSON has no word for becomes null. */
export function encodeTagged(value: unknown): Uint8Array {
  if (value instanceof Bytes) return tag(bytesTag, value);
  return tag(jsonTag, encodeText(stringifyJson(value) ?? "null"));
}

/** The bytes inside a tagged value: raw bytes as they are, JSON as its text. */
export function untag(tagged: Uint8Array): Uint8Array {
  return subarray(tagged, 1);
}

/** `body` with the tag of raw bytes before it. */
export function tagBytes(body: Uint8Array): Uint8Array {
  return tag(bytesTag, body);
}

function tag(first: number, body: Uint8Array): Uint8Array {
  const tagged = new Bytes(byteCount(body) + 1);
  tagged[0] = first;
  setBytes(tagged, body, 1);
  return tagged;
}

/** All `chunks` one after the other. */
export function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

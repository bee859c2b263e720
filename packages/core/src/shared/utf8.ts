import { ascii } from "./bytes.js";

/** UTF-8 without any platform: ECMAScript's own URI functions know it, and refuse whatever is not well formed (ECMA-262, "Decode"). */

/** Of the digits, by their value. */
const hexCodes = ascii("0123456789ABCDEF");
const percent = 0x25;
/** Bytes that are written at a time: arguments of one call. */
const pieceBytes = 4_096;

/**
 * The bytes of `text` in UTF-8.
 * @throws {RangeError} where `text` holds half of a surrogate pair, which has none
 */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = ascii(percentEncoded(text));
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const isEscape = bytes[at] === percent;
    bytes[length++] = isEscape ? digitOf(bytes[at + 1]) * 16 + digitOf(bytes[at + 2]) : (bytes[at] ?? 0);
    if (isEscape) at += 2;
  }
  return bytes.slice(0, length);
}

/** The text of UTF-8, or undefined where the bytes are not exactly that: overlong forms, surrogates and half characters are refused; a byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let escaped = "";
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    escaped += escapedPiece(bytes.subarray(start, start + pieceBytes));
  }
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw new RangeError("the text holds half of a surrogate pair", { cause });
  }
}

/** Bytes below 128 as they are, others and "%" as escapes. */
function escapedPiece(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (const byte of bytes) {
    if (byte < 0x80 && byte !== percent) codes.push(byte);
    else codes.push(percent, hexCodes[byte >> 4] ?? 0, hexCodes[byte & 15] ?? 0);
  }
  return String.fromCharCode(...codes);
}

/** The value of an upper-case hexadecimal digit. */
function digitOf(code = 0): number {
  return code <= 0x39 ? code - 0x30 : code - 0x37;
}

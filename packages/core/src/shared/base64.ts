/** Base64 for URLs, without padding (RFC 4648, section 5), without any platform. */

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Of each ASCII code its value; 64 where it is no digit. */
const values = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = digits.indexOf(String.fromCharCode(code));
  return value < 0 ? 64 : value;
});
/** Digits that are written at a time: arguments of one call. */
const pieceBytes = 3_072;

/** Bytes as text: four digits for three bytes. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    text += written(bytes.subarray(start, start + pieceBytes));
  }
  return text;
}

/** The bytes of such text, or undefined where it is none: other digits, padding, and bits that stand for nothing are refused. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [bits, held, length] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const value = values[text.charCodeAt(at)] ?? 64;
    if (value === 64) return undefined;
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[length++] = bits >> held;
    bits &= (1 << held) - 1;
  }
  return bits === 0 ? bytes : undefined;
}

function written(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.subarray(at, at + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    codes.push(codeOf(bits >> 18), codeOf(bits >> 12));
    if (second !== undefined) codes.push(codeOf(bits >> 6));
    if (third !== undefined) codes.push(codeOf(bits));
  }
  return String.fromCharCode(...codes);
}

function codeOf(bits: number): number {
  return digits.charCodeAt(bits & 63);
}

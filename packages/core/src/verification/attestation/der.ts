/** One value of DER, X.690: its tag, what it holds, and both with the length between them. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly encoded: Uint8Array;
}

export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  ia5String: 0x16,
  sequence: 0x30,
} as const;

/** More values than anything of ours has side by side. */
const mostValues = 64;
/** The low five bits of a tag that goes on in further bytes, which nothing of ours has. */
const longTag = 0x1f;

/** The one value that `bytes` is, to its last byte; undefined where it is not: nothing may follow. */
export function readDer(bytes: Uint8Array): DerValue | undefined {
  const value = readFirst(bytes);
  return value?.encoded.length === bytes.length ? value : undefined;
}

/** The values that lie side by side in `content`, at most 64, to its last byte; undefined where anything else is there. */
export function readDerValues(content: Uint8Array): DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let rest = content; rest.length > 0;) {
    const value = readFirst(rest);
    if (!value || values.length === mostValues) return undefined;
    values.push(value);
    rest = rest.subarray(value.encoded.length);
  }
  return values;
}

/** The number of an INTEGER from 0 to 255 in its one allowed form; undefined for all else. */
export function smallInteger({ tag, content }: DerValue): number | undefined {
  const [first = 0, second = 0] = content;
  if (tag !== derTags.integer) return undefined;
  if (content.length === 1) return first < 0x80 ? first : undefined;
  return content.length === 2 && first === 0 && second >= 0x80 ? second : undefined;
}

function readFirst(bytes: Uint8Array): DerValue | undefined {
  const [tag, short] = bytes;
  if (tag === undefined || short === undefined || (tag & longTag) === longTag) return undefined;
  const lengthBytes = short < 0x80 ? 0 : short - 0x80;
  if (lengthBytes > 2 || short === 0x80) return undefined; // a third byte would be for more than 64 KiB
  const length = lengthBytes === 0 ? short : longLength(bytes, lengthBytes);
  const start = 2 + lengthBytes;
  if (length === undefined || length > bytes.length - start) return undefined;
  return { tag, content: bytes.subarray(start, start + length), encoded: bytes.subarray(0, start + length) };
}

/** A length in one or two bytes, which must have needed them. */
function longLength(bytes: Uint8Array, lengthBytes: number): number | undefined {
  const [, , first, second] = bytes;
  if (first === undefined || (lengthBytes === 2 && second === undefined)) return undefined;
  const length = lengthBytes === 1 ? first : first * 256 + (second ?? 0);
  return length >= (lengthBytes === 1 ? 0x80 : 0x100) ? length : undefined;
}

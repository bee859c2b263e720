import { type DecodeOptions, decode, encode, rfc8949EncodeOptions, type Token, Tokenizer, Type } from "cborg";
import { writeCbor } from "./cbor-writer.js";

/** The deterministic CBOR of `value` (RFC 8949, section 4.2): equal values have equal bytes. Properties that are undefined are left out. */
export function toCbor(value: unknown): Uint8Array {
  return writeCbor(value) ?? encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true });
}

/** Bounds of CBOR of hostile origin, so that a small message cannot stand for a large one: 4 MiB of empty maps took 2 s and 290 MB. */
export const cborLimits = {
  /** Arrays and maps within one another. */
  depth: 16,
  /** Values and keys, all told: more than 256 KiB of the smallest messages hold. */
  items: 131_072,
} as const;

const hostileOrigin: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
};

/**
 * The value in CBOR bytes of hostile origin: only finite lengths, the shortest integers up to 2^53-1, unique map keys,
 * no tags, and no more than {@link cborLimits}. The value holds copies of the bytes, not views.
 * @throws where the bytes are anything else
 */
export function fromCbor(bytes: Uint8Array): unknown {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length); // a Buffer would be sliced into views
  return decode(plain, { ...hostileOrigin, tokenizer: new BoundedTokenizer(plain, hostileOrigin) });
}

/** As {@link fromCbor}, but undefined where the bytes are anything else: an expected refusal. */
export function parseCbor(bytes: Uint8Array): unknown {
  try {
    return fromCbor(bytes);
  } catch {
    return undefined;
  }
}

class BoundedTokenizer extends Tokenizer {
  #items = 0;
  /** How many items each open array and map still lacks, the innermost last. */
  readonly #lacking: number[] = [];

  override next(): Token {
    const token = super.next();
    if (++this.#items > cborLimits.items) throw new RangeError(`more than ${cborLimits.items} CBOR items`);
    const innermost = this.#lacking.length - 1;
    if (innermost >= 0) this.#lacking[innermost]! -= 1;
    const length = lengthOf(token);
    if (length > 0) this.#lacking.push(length);
    if (this.#lacking.length > cborLimits.depth) throw new RangeError(`CBOR deeper than ${cborLimits.depth}`);
    while (this.#lacking.at(-1) === 0) this.#lacking.pop();
    return token;
  }
}

/** How many items follow as the token's own. */
function lengthOf(token: Token): number {
  if (Type.equals(token.type, Type.array)) return token.value as number;
  return Type.equals(token.type, Type.map) ? 2 * (token.value as number) : 0;
}

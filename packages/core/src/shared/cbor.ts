import { decode, encode, rfc8949EncodeOptions } from "cborg";

/** The deterministic CBOR of `value` (RFC 8949, section 4.2): equal values have equal bytes. Properties that are undefined are left out. */
export function toCbor(value: unknown): Uint8Array {
  return encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true });
}

/**
 * The value in CBOR bytes of hostile origin: only finite lengths, canonical integers, unique map keys, and no
 * tags, so that one value has one encoding and a small message cannot stand for a large one.
 * @throws where the bytes are anything else
 */
export function fromCbor(bytes: Uint8Array): unknown {
  return decode(bytes, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowNaN: false,
    allowInfinity: false,
    rejectDuplicateMapKeys: true,
  });
}

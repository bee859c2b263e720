import { Type } from "typebox";

/** A schema for a byte string of `minimum` to `maximum` bytes, as CBOR carries it. */
export function Bytes(minimum: number, maximum = minimum) {
  return Type.Refine(
    Type.Unsafe<Uint8Array>({}),
    (value) => value instanceof Uint8Array && value.length >= minimum && value.length <= maximum,
    () => `must be ${minimum === maximum ? minimum : `${minimum} to ${maximum}`} bytes`,
  );
}

/** A whole number in `minimum`..`maximum`; without a maximum, up to 2^53-1. */
export function Whole(minimum = 0, maximum = Number.MAX_SAFE_INTEGER) {
  return Type.Integer({ minimum, maximum });
}

/** Text of at most `maximum` UTF-16 units. TypeBox's own `maxLength` counts graphemes, one of which can be a megabyte of accents. */
export function Text(maximum: number) {
  return Type.Refine(
    Type.String(),
    (text) => text.length <= maximum,
    () => `must be at most ${maximum} characters`,
  );
}

/** An amount of money in nAIS, as decimal digits, since JSON and CBOR numbers lose precision above 2^53. */
export const Amount = Type.String({ pattern: "^(0|[1-9][0-9]{0,17})$" });

/** A price in nAIS per SCU-second, as decimal digits: above 0, and small enough for exact arithmetic with numbers. */
export const Price = Type.String({ pattern: "^[1-9][0-9]{0,14}$" });

/** Milliseconds since 1970. */
export const Instant = Whole();

/** An object that may hold the named properties and no other. */
export function Exactly<P extends Type.TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

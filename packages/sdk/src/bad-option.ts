import { AegisError } from "@aegis-pool/core";

/** An option that cannot be meant: its name, what was given, and what is allowed. */
export function badOption(name: string, value: string, allowed: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${name} is ${value}; it must be ${allowed}.`,
    next: `Give another ${name}, or leave it out for the default.`,
  });
}

/** @throws {AegisError} `bad-argument` where `value` is no whole number from `minimum` to `maximum` */
export function whole(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw badOption(name, String(value), `a whole number from ${minimum} to ${maximum}`);
}

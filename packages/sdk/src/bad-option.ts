import { AegisError } from "@aegis-pool/core";

/** An option that cannot be meant: its name, what was given, and what is allowed. */
export function badOption(name: string, value: string, allowed: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${name} is ${value}; it must be ${allowed}.`,
    next: `Give another ${name}, or leave it out for the default.`,
  });
}

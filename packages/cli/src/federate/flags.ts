import { AegisError } from "@aegis-pool/core";

/** A flag's number above 0, and at most `most`. @throws {AegisError} `bad-argument` */
export function numberIn(name: string, text: string, most = Infinity): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0 && value <= most) return value;
  throw unusable(name, text, most === Infinity ? "a number above 0" : `a number above 0, at most ${most}`);
}

/** A flag's widths of layers. @throws {AegisError} `bad-argument` */
export function widthsIn(name: string, text: string): number[] {
  const widths = text.split(",").map((width) => Number(width.trim()));
  if (widths.every((width) => Number.isInteger(width) && width >= 1 && width <= 65_536)) return widths;
  throw unusable(name, text, "whole numbers from 1 to 65,536 with commas between them");
}

/** A flag that cannot be used as it is. @param allowed what it must be: "a number above 0" */
export function unusable(name: string, value: string, allowed: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${name} is ${value}; it must be ${allowed}.`,
    next: `Give another ${name}.`,
  });
}

/** Refuses the first of these flags that was given. @param where "with --strategy fed-prox" @throws {AegisError} `bad-argument` */
export function onlyWhere(where: string, flags: Readonly<Record<string, string | boolean | undefined>>): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined) throw unusable(name, value === true ? "given" : String(value), `given ${where} alone`);
  }
}

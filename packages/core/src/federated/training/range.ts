/** The numbers that a parameter may be. */
export interface Range {
  readonly atLeast: number;
  readonly atMost: number;
  /** Whether only whole numbers are taken. */
  readonly whole?: boolean;
}

/** `value`. @throws RangeError where it is not in `range`; names the parameter */
export function inRange(name: string, value: number, { atLeast, atMost, whole = false }: Range): number {
  if (value >= atLeast && value <= atMost && (!whole || Number.isSafeInteger(value))) return value;
  throw new RangeError(`${name} must be a ${whole ? "whole " : ""}number from ${atLeast} to ${atMost}, not ${value}.`);
}

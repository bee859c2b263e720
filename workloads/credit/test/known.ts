/** `value`, which is there. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("expected a value");
  return value;
}

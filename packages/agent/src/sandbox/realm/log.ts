import { byteCount, encodeText, newString, sliceText, stringifyJson, subarray } from "./primordials.js";

/** The bounded log of a run. What is over the bound is dropped here already, so that no flood reaches the main realm. */
export class Log {
  readonly #post: (text: Uint8Array) => void;
  #bytesPerRun = 0;
  #bytesLeft = 0;

  constructor(post: (text: Uint8Array) => void) {
    this.#post = post;
  }

  allow(bytesPerRun: number): void {
    this.#bytesPerRun = bytesPerRun;
    this.restart();
  }

  restart(): void {
    this.#bytesLeft = this.#bytesPerRun;
  }

  write(bytes: Uint8Array): void {
    if (this.#bytesLeft === 0) return;
    const kept = subarray(bytes, 0, this.#bytesLeft);
    this.#bytesLeft -= byteCount(kept);
    this.#post(kept);
  }

  /** One line: strings as they are, errors with their stack, anything else as JSON. */
  line(values: readonly unknown[]): void {
    if (this.#bytesLeft === 0) return;
    let text = "";
    for (let index = 0; index < values.length; index++) text += (index === 0 ? "" : " ") + this.#format(values[index]);
    this.write(encodeText(`${sliceText(text, 0, this.#bytesLeft)}\n`));
  }

  #format(value: unknown): string {
    if (typeof value === "string") return value;
    try {
      if (value instanceof Error) return newString(value.stack ?? value);
      return stringifyJson(value) ?? newString(value);
    } catch {
      return "(something that has no text)";
    }
  }
}

const nothing = (): void => {};

/** A console that writes into `log` and offers nothing else. */
export function consoleInto(log: Log): Readonly<Record<string, (...values: unknown[]) => void>> {
  const write = (...values: unknown[]): void => log.line(values);
  const silent = { time: nothing, timeEnd: nothing, group: nothing, groupEnd: nothing, clear: nothing };
  return Object.freeze({ log: write, info: write, warn: write, error: write, debug: write, trace: write, ...silent });
}

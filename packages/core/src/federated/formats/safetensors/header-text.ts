import { SafetensorsRefused } from "./format.js";
import { quoted } from "./rules.js";

const whitespace = " \t\n\r";
/** Digits of the largest integer that a double holds exactly. */
const mostDigits = 16;

/**
 * Reads the JSON of a header, front to back, as the form that is expected: objects, strings, and counts. `JSON.parse` would keep the last of two
 * equal keys, build whatever is nested, and round what is large.
 */
export class HeaderText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The keys of an object, each once; whoever takes a key reads its value before the next.
   * @throws {SafetensorsRefused} `key-repeated`, `header-invalid`
   */
  *keys(): Generator<string, void> {
    const seen = new Set<string>();
    this.#expect("{");
    if (this.#skip("}")) return;
    do {
      const key = this.text();
      if (seen.has(key)) throw new SafetensorsRefused("key-repeated", `the key ${quoted(key)} comes twice`);
      seen.add(key);
      this.#expect(":");
      yield key;
    } while (this.#skip(","));
    this.#expect("}");
  }

  /** A string. */
  text(): string {
    this.#space();
    const start = this.#at;
    this.#expect('"');
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#expect('"');
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      throw this.#invalid("a string without control characters or unknown escapes", start);
    }
  }

  /** An array of at most `most` integers from 0 to 2^53-1, written without sign, fraction or exponent. */
  counts(most: number): number[] {
    const counts: number[] = [];
    this.#expect("[");
    if (this.#skip("]")) return counts;
    do {
      if (counts.length === most) throw this.#invalid(`at most ${most} numbers`);
      counts.push(this.#count());
    } while (this.#skip(","));
    this.#expect("]");
    return counts;
  }

  /** Nothing but spaces, with which a header is padded. */
  end(): void {
    if (/[^ ]/.test(this.#text.slice(this.#at))) throw this.#invalid("only spaces");
  }

  #count(): number {
    this.#space();
    const start = this.#at;
    while (this.#at - start <= mostDigits && /\d/.test(this.#text[this.#at] ?? "")) this.#at++;
    const digits = this.#text.slice(start, this.#at);
    const count = Number(digits);
    if (!/^(0|[1-9]\d*)$/.test(digits) || !Number.isSafeInteger(count)) {
      throw this.#invalid("an integer from 0 to 2^53-1", start);
    }
    return count;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.#invalid(`"${character}"`);
  }

  #skip(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (this.#at < this.#text.length && whitespace.includes(this.#text[this.#at] ?? "")) this.#at++;
  }

  #invalid(expected: string, at = this.#at): SafetensorsRefused {
    const found = at < this.#text.length ? quoted(this.#text.slice(at, at + 16)) : "its end";
    return new SafetensorsRefused("header-invalid", `the header has ${found} at character ${at}, not ${expected}`);
  }
}

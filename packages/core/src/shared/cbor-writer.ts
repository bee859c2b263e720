/**
 * Deterministic CBOR (RFC 8949, section 4.2.1) of what our statements and messages hold: ASCII text, safe integers, byte
 * strings, booleans, null, arrays and plain objects. Everything else is left to the library, whose bytes these equal. It is
 * here because every statement is written by whoever signs it and again by all who check it: 3 µs instead of 24 for a manifest.
 */
const majorType = { unsigned: 0x00, negative: 0x20, bytes: 0x40, text: 0x60, array: 0x80, map: 0xa0 } as const;
const simple = { false: 0xf4, true: 0xf5, null: 0xf6 } as const;
const [oneByte, twoBytes, fourBytes, eightBytes] = [24, 25, 26, 27];

/** The bytes of `value`, or undefined where it holds something else. Properties that are undefined are left out. */
export function writeCbor(value: unknown): Uint8Array | undefined {
  const writer = new CborWriter();
  return writer.write(value) ? writer.bytes() : undefined;
}

class CborWriter {
  #bytes = new Uint8Array(512);
  #length = 0;

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Whether `value` could be written. */
  write(value: unknown): boolean {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return this.#integer(value);
    if (value === null) return this.#byte(simple.null);
    if (typeof value === "boolean") return this.#byte(value ? simple.true : simple.false);
    if (value instanceof Uint8Array) return this.#byteString(value);
    if (Array.isArray(value)) return this.#array(value);
    return isPlain(value) && this.#map(value);
  }

  #integer(value: number): boolean {
    if (!Number.isSafeInteger(value)) return false;
    if (value < 0) this.#head(majorType.negative, -1 - value);
    else this.#head(majorType.unsigned, value);
    return true;
  }

  #byteString(value: Uint8Array): boolean {
    this.#head(majorType.bytes, value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return true;
  }

  #text(value: string): boolean {
    this.#head(majorType.text, value.length);
    this.#reserve(value.length);
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      this.#bytes[this.#length++] = code;
    }
    return true;
  }

  #array(values: readonly unknown[]): boolean {
    this.#head(majorType.array, values.length);
    return values.every((value) => this.write(value));
  }

  #map(value: Readonly<Record<string, unknown>>): boolean {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    this.#head(majorType.map, keys.length);
    return keys.sort(byEncoding).every((key) => this.#text(key) && this.write(value[key]));
  }

  /** A major type and its argument, in the shortest form. */
  #head(type: number, argument: number): void {
    if (argument < oneByte) this.#byte(type + argument);
    else if (argument < 0x100) this.#argument(type + oneByte, argument, 1);
    else if (argument < 0x1_0000) this.#argument(type + twoBytes, argument, 2);
    else if (argument < 0x1_0000_0000) this.#argument(type + fourBytes, argument, 4);
    else this.#argument(type + eightBytes, argument, 8);
  }

  #argument(initial: number, argument: number, width: number): void {
    this.#byte(initial);
    this.#reserve(width);
    let rest = argument;
    for (let index = width - 1; index >= 0; index--) {
      this.#bytes[this.#length + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += width;
  }

  #byte(byte: number): true {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
    return true;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** ASCII keys in the order of their encoding: the shorter first, since the length comes before the text. */
function byEncoding(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Most bytes that one call may ask for, as in the Web Cryptography API, section 10.1.1. */
const mostBytes = 65_536;

/**
 * Numbers that look random and follow from a seed alone: xoshiro128** (Blackman and Vigna, 2018). Nothing here is secret: a
 * program that needs secrets cannot be deterministic.
 */
export class SeededRandom {
  #a = 1;
  #b = 2;
  #c = 3;
  #d = 4;

  /** Begins anew for a run: the same input gives the same numbers. */
  seed(input: Uint8Array): void {
    [this.#a, this.#b, this.#c, this.#d] = mixed(input);
  }

  /** 32 bits. */
  next(): number {
    const product = Math_imul(this.#b, 5);
    const result = Math_imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** At least 0 and less than 1, with 53 bits. */
  fraction(): number {
    return ((this.next() >>> 5) * 0x4000000 + (this.next() >>> 6)) / 0x20000000000000;
  }
}

const Math_imul = Math.imul;

/** 128 bits that hang on every byte, never all zero: four lanes of FNV-1a with different bases, finished by MurmurHash3's mixer. */
function mixed(bytes: Uint8Array): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x811c9dc5, 0x9747b28c, 0x85ebca6b, 0xc2b2ae35];
  for (let index = 0; index < bytes.length; index++) {
    const lane = index & 3;
    const mixedIn = Math_imul((lanes[lane] ?? 0) ^ (bytes[index] ?? 0), 0x01000193);
    lanes[lane] = mixedIn;
    lanes[(lane + 1) & 3] = (lanes[(lane + 1) & 3] ?? 0) ^ (mixedIn >>> 15);
  }
  const [a, b, c, d] = lanes;
  const sum = finish(a ^ b ^ c ^ d ^ bytes.length);
  return [finish(a ^ sum) | 1, finish(b + sum), finish(c ^ sum), finish(d + sum)];
}

function finish(value: number): number {
  let mixedBits = value;
  mixedBits = Math_imul(mixedBits ^ (mixedBits >>> 16), 0x85ebca6b);
  mixedBits = Math_imul(mixedBits ^ (mixedBits >>> 13), 0xc2b2ae35);
  return (mixedBits ^ (mixedBits >>> 16)) | 0;
}

/** Has everything in the realm that is random ask `random`. */
export function installRandom(random: SeededRandom): void {
  Math.random = () => random.fraction();
  const getRandomValues = <T extends ArrayBufferView>(array: T): T => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    if (bytes.length > mostBytes) throw new RangeError(`over ${mostBytes} bytes at once`);
    for (let index = 0; index < bytes.length; index++) bytes[index] = random.next() >>> 24;
    return array;
  };
  const randomUUID = (): string => uuidOf(getRandomValues(new Uint8Array(16)));
  const crypto = Object.freeze({ getRandomValues, randomUUID });
  Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
}

/** Version 4, RFC 9562, section 5.4. */
function uuidOf(bytes: Uint8Array): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

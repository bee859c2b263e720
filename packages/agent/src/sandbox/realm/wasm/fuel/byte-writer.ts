import { unsignedBytes } from "../memories.js";

/** Bytes that are written one after another, into room that doubles: a module may have 27 MB. */
export class ByteWriter {
  #bytes = new Uint8Array(1_024);
  #length = 0;

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  put(...bytes: readonly number[]): void {
    this.#makeRoom(bytes.length);
    for (const byte of bytes) this.#bytes[this.#length++] = byte;
  }

  copy(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  unsigned(value: number): void {
    this.put(...unsignedBytes(value));
  }

  /** LEB128, signed: how constants are written. */
  signed(value: number): void {
    this.put(...signedBytes(value));
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const roomier = new Uint8Array(Math.max(this.#length + count, 2 * this.#bytes.length));
    roomier.set(this.written);
    this.#bytes = roomier;
  }
}

function signedBytes(value: number): number[] {
  const low = ((value % 128) + 128) % 128;
  const rest = (value - low) / 128;
  const isDone = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return isDone ? [low] : [low + 128, ...signedBytes(rest)];
}

import type { ByteStream } from "@aegis-pool/core";

const blockBytes = 16;

/** Gives the keystream's first `length` bytes from a counter block on, where `length` is a whole number of blocks. */
type FromCounter = (counter: Uint8Array, length: number) => Uint8Array;

/** A keystream in counter mode, by a cipher that begins anew at a counter each time. */
export function counterStream(from: FromCounter, first: Uint8Array): ByteStream {
  const counter = Uint8Array.from(first);
  /** Of the last block: what was not asked for yet. */
  let left: Uint8Array = new Uint8Array(0);
  return (into) => {
    const had = left.subarray(0, into.length);
    into.set(had);
    left = left.subarray(had.length);
    const wanted = into.length - had.length;
    const blocks = Math.ceil(wanted / blockBytes);
    if (blocks === 0) return;
    const made = from(Uint8Array.from(counter), blocks * blockBytes);
    addTo(counter, blocks);
    into.set(made.subarray(0, wanted), had.length);
    left = made.slice(wanted);
  };
}

/** Adds to a big-endian counter, modulo 2^128 (SP 800-38A, appendix B.1). */
function addTo(counter: Uint8Array, blocks: number): void {
  let carried = blocks;
  for (let at = counter.length - 1; at >= 0 && carried > 0; at--) {
    const sum = (counter[at] ?? 0) + carried;
    counter[at] = sum % 256;
    carried = Math.floor(sum / 256);
  }
}

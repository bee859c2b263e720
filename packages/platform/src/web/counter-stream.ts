const blockBytes = 16;

/** Gives the keystream's first `length` bytes from a counter block on, where `length` is a whole number of blocks. */
type FromCounter = (counter: Uint8Array, length: number) => Uint8Array;

/** A keystream in counter mode, as many bytes per call as are asked for, by a cipher that begins anew at a counter each time. */
export function counterStream(from: FromCounter, first: Uint8Array): (length: number) => Uint8Array {
  const counter = Uint8Array.from(first);
  /** Of the last block: what was not asked for yet. */
  let left = new Uint8Array(0);
  return (length) => {
    const blocks = Math.ceil(Math.max(0, length - left.length) / blockBytes);
    const made = blocks === 0 ? new Uint8Array(0) : from(Uint8Array.from(counter), blocks * blockBytes);
    addTo(counter, blocks);
    if (left.length === 0 && made.length === length) return made;
    const all = new Uint8Array(left.length + made.length);
    all.set(left);
    all.set(made, left.length);
    left = all.slice(length);
    return all.subarray(0, length);
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

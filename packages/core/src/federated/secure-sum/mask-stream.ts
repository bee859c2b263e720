import type { Primitives } from "../../privacy/primitives.js";
import type { ByteStream } from "../../shared/byte-stream.js";
import { ascii, concatBytes } from "../../shared/bytes.js";
import { toCbor } from "../../shared/cbor.js";
import { bindingOf, type SumBinding } from "./binding.js";

const label = ascii("aegis-pool/v1/federated/mask");
const noSalt = new Uint8Array(0);

/** Whose mask it is, for which sum. */
export interface MaskOwner extends SumBinding {
  /** The participant's key in this run, 32 bytes. */
  readonly participant: Uint8Array;
  /** The subset's place: see `subsetsOf`. */
  readonly subset: number;
}

/**
 * The mask that a seed stands for: AES-128 in counter mode (SP 800-38A, section 6.5) under the first half of
 * HKDF-SHA256(seed, label and owner), with the second half as its first counter block. Used for one upload alone.
 */
export function maskStream(seed: Uint8Array, owner: MaskOwner, primitives: Primitives): ByteStream {
  const { participant, subset } = owner;
  const info = concatBytes(label, toCbor({ ...bindingOf(owner), participant, subset }));
  return keystream(primitives.hkdf(seed, noSalt, info, 32), primitives);
}

/** The keystream under 32 bytes: a key and a first counter block. */
export function keystream(keyAndCounter: Uint8Array, primitives: Primitives): ByteStream {
  return primitives.aes128Ctr(keyAndCounter.subarray(0, 16), keyAndCounter.subarray(16, 32));
}

/** `sums -= words`, modulo 2^32. */
export function subtractWords(sums: Int32Array, words: Int32Array): void {
  for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] ?? 0) - (words[index] ?? 0);
}

/** Bytes as 32-bit words, little-endian like every platform that we run on; a view where they are aligned. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** Words as bytes: a view. */
export function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

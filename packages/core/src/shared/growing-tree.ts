import type { Primitives } from "../privacy/primitives.js";
import { consistencyPath, inclusionPath, nodeHash, splitOf } from "./merkle.js";

/**
 * A Merkle tree (RFC 9162 section 2.1) that grows, for who is asked again and again for its root and for proofs: every complete subtree's hash is kept,
 * so that each answer takes as many hashes as its size has bits, squared at most, and no stranger has all leaves hashed by asking.
 */
export class GrowingTree {
  readonly #primitives: Pick<Primitives, "sha256">;
  /** Of complete subtrees of one leaf, of two, of four, and so on. */
  readonly #levels: Uint8Array[][] = [[]];

  constructor(primitives: Pick<Primitives, "sha256">) {
    this.#primitives = primitives;
  }

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  /** @param leaf its hash, 32 bytes */
  add(leaf: Uint8Array): void {
    let hash = leaf;
    for (let level = 0; ; level++) {
      const row = (this.#levels[level] ??= []);
      row.push(hash);
      const left = row.at(-2);
      if (row.length % 2 === 1 || !left) return;
      hash = nodeHash(left, hash, this.#primitives);
    }
  }

  /** Of no leaves it is SHA-256 of nothing. */
  root(): Uint8Array {
    return this.size === 0 ? this.#primitives.sha256() : this.#rootOf(0, this.size);
  }

  /** That leaf `index` is in the tree of the first `size` leaves. */
  inclusion(index: number, size: number): Uint8Array[] {
    return inclusionPath(size, index, (start, end) => this.#rootOf(start, end));
  }

  /** That the tree of `from` leaves is a prefix of the tree of `to` leaves. */
  consistency(from: number, to: number): Uint8Array[] {
    return consistencyPath(to, from, (start, end) => this.#rootOf(start, end));
  }

  /** Proofs ask for ranges that begin where a complete subtree of their size would. */
  #rootOf(start: number, end: number): Uint8Array {
    const [length, level] = [end - start, Math.log2(end - start)];
    const kept = Number.isInteger(level) ? this.#levels[level]?.[start / length] : undefined;
    if (kept) return kept;
    const middle = start + splitOf(length);
    return nodeHash(this.#rootOf(start, middle), this.#rootOf(middle, end), this.#primitives);
  }
}

import type { Primitives } from "../privacy/primitives.js";
import { nodeHash } from "./merkle.js";

interface Subtree {
  readonly hash: Uint8Array;
  readonly leaves: number;
}

/** The root of a Merkle tree (RFC 9162 section 2.1) whose leaves come one by one: it keeps one hash for each bit of their number. */
export class MerkleAccumulator {
  readonly #primitives: Pick<Primitives, "sha256">;
  /** Complete subtrees, the largest and leftmost first. */
  readonly #complete: Subtree[] = [];
  #size = 0;

  constructor(primitives: Pick<Primitives, "sha256">) {
    this.#primitives = primitives;
  }

  /** How many leaves have come. */
  get size(): number {
    return this.#size;
  }

  /** @param leaf its hash, 32 bytes */
  add(leaf: Uint8Array): void {
    this.#size++;
    let tree: Subtree = { hash: leaf, leaves: 1 };
    for (let left = this.#complete.at(-1); left?.leaves === tree.leaves; left = this.#complete.at(-1)) {
      this.#complete.pop();
      tree = { hash: nodeHash(left.hash, tree.hash, this.#primitives), leaves: 2 * tree.leaves };
    }
    this.#complete.push(tree);
  }

  /** Of no leaves it is SHA-256 of nothing. */
  root(): Uint8Array {
    const hashes = this.#complete.map(({ hash }) => hash);
    const last = hashes.pop() ?? this.#primitives.sha256();
    return hashes.reduceRight((right, left) => nodeHash(left, right, this.#primitives), last);
  }
}

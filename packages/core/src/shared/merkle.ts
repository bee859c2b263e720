import type { Primitives } from "../privacy/primitives.js";
import { concatBytes, equalBytes } from "./bytes.js";

/**
 * The Merkle tree of the append-only log and of signed batches, as RFC 9162 section 2.1 defines it: 0x00 before a leaf's bytes, 0x01 before
 * two children, split at the largest power of two below the size. Hashes are 32 bytes.
 */
type Hash = Uint8Array;
type Sha256 = Pick<Primitives, "sha256">;

/** The hash of one entry. */
export function leafHash(entry: Uint8Array, primitives: Sha256): Hash {
  return primitives.sha256(Uint8Array.of(0), entry);
}

/** The root of the whole tree; of an empty log it is SHA-256 of nothing. */
export function treeRoot(leaves: readonly Hash[], primitives: Sha256): Hash {
  return leaves.length === 0 ? primitives.sha256() : rootOf(leaves, 0, leaves.length, primitives);
}

/** The root of the leaves from `start` up to `end`, which is no longer one of them. */
export type RangeRoot = (start: number, end: number) => Hash;

/** The audit path of leaf `index`, lowest sibling first (section 2.1.3.1). */
export function inclusionProof(leaves: readonly Hash[], index: number, primitives: Sha256): Hash[] {
  return inclusionPath(leaves.length, index, (start, end) => rootOf(leaves, start, end, primitives));
}

/** The same of a tree of so many leaves, whoever knows its roots. */
export function inclusionPath(size: number, index: number, root: RangeRoot): Hash[] {
  const path: Hash[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.unshift(root(middle, end));
      end = middle;
    } else {
      path.unshift(root(start, middle));
      start = middle;
    }
  }
  return path;
}

/** The root of a tree of at least one leaf and the audit path of each, by one hash per node. */
export function treeWithProofs(leaves: readonly Hash[], primitives: Sha256): { root: Hash; proofs: Hash[][] } {
  const proofs: Hash[][] = leaves.map(() => []);
  const visit = (start: number, end: number): Hash => {
    const only = leaves[start];
    if (end - start === 1 && only) return only;
    const middle = start + splitOf(end - start);
    const [left, right] = [visit(start, middle), visit(middle, end)];
    for (const [index, proof] of proofs.slice(start, end).entries()) proof.push(start + index < middle ? right : left);
    return nodeHash(left, right, primitives);
  };
  return { root: visit(0, leaves.length), proofs };
}

/** Whether `proof` shows `leaf` at `index` in the tree of `size` leaves with this `root` (section 2.1.3.2). */
export function verifyInclusion(claim: Inclusion & { root: Hash }, primitives: Sha256): boolean {
  const root = rootByInclusion(claim, primitives);
  return root !== undefined && equalBytes(root, claim.root);
}

/** A claim that `leaf` stands at `index` among `size` leaves. */
export interface Inclusion {
  readonly leaf: Hash;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Hash[];
}

/** The root of the tree for which the claim holds; undefined where there can be none. */
export function rootByInclusion(claim: Inclusion, primitives: Sha256): Hash | undefined {
  if (!isCount(claim.index) || !isCount(claim.size) || claim.index >= claim.size) return undefined;
  if (![claim.leaf, ...claim.proof].every(isHash)) return undefined;
  let [position, last] = [claim.index, claim.size - 1];
  let hash = claim.leaf;
  for (const sibling of claim.proof) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash, primitives);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      hash = nodeHash(hash, sibling, primitives);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 ? hash : undefined;
}

/** The proof that the first `oldSize` leaves are a prefix of all (section 2.1.4.1); empty where nothing was added. */
export function consistencyProof(leaves: readonly Hash[], oldSize: number, primitives: Sha256): Hash[] {
  return consistencyPath(leaves.length, oldSize, (start, end) => rootOf(leaves, start, end, primitives));
}

/** The same of a tree of so many leaves, whoever knows its roots. */
export function consistencyPath(size: number, oldSize: number, root: RangeRoot): Hash[] {
  if (oldSize === 0 || oldSize >= size) return [];
  const path: Hash[] = [];
  let [start, end, whole] = [0, size, true];
  while (oldSize !== end) {
    const middle = start + splitOf(end - start);
    if (oldSize <= middle) {
      path.unshift(root(middle, end));
      end = middle;
    } else {
      path.unshift(root(start, middle));
      [start, whole] = [middle, false];
    }
  }
  if (!whole) path.unshift(root(start, end));
  return path;
}

/** Whether `proof` shows that the old tree is a prefix of the new one (section 2.1.4.2). */
export function verifyConsistency(
  claim: { oldSize: number; oldRoot: Hash; newSize: number; newRoot: Hash; proof: readonly Hash[] },
  primitives: Sha256,
): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || !proof.every(isHash)) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, primitives.sha256());
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  const first = path.shift();
  if (!first) return false;
  return climb(first, path, claim, primitives);
}

function climb(
  first: Hash,
  path: readonly Hash[],
  claim: { oldSize: number; oldRoot: Hash; newSize: number; newRoot: Hash },
  primitives: Sha256,
): boolean {
  let [position, last] = [claim.oldSize - 1, claim.newSize - 1];
  while (position % 2 === 1) [position, last] = [half(position), half(last)];
  let [oldHash, newHash] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      oldHash = nodeHash(sibling, oldHash, primitives);
      newHash = nodeHash(sibling, newHash, primitives);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      newHash = nodeHash(newHash, sibling, primitives);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && equalBytes(oldHash, claim.oldRoot) && equalBytes(newHash, claim.newRoot);
}

function rootOf(leaves: readonly Hash[], start: number, end: number, primitives: Sha256): Hash {
  const only = leaves[start];
  if (end - start === 1 && only) return only;
  const middle = start + splitOf(end - start);
  return nodeHash(rootOf(leaves, start, middle, primitives), rootOf(leaves, middle, end, primitives), primitives);
}

/** The hash of two children's parent. */
export function nodeHash(left: Hash, right: Hash, primitives: Sha256): Hash {
  return primitives.sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** The largest power of two below `size`, for size >= 2. */
export function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

/** Sizes and indexes come from hostile heads: a negative or fractional one would climb like another leaf's. */
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
/** Two hashes of other lengths can be one genuine pair, cut elsewhere. */
const isHash = (value: Hash): boolean => value.length === 32;
const half = (value: number): number => Math.floor(value / 2);
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

import { equalBytes, toHex } from "../shared/bytes.js";
import { finished } from "../shared/finished.js";
import type { EvmPrimitives } from "../verification/certificate/evm-primitives.js";

/**
 * The tree of cumulative earnings that a pool posts to its distributor contract: byte for byte OpenZeppelin's StandardMerkleTree over
 * ["address", "uint256"] with sorted leaves. A leaf is Keccak-256 twice over address and amount, each in 32 bytes; a node is Keccak-256 of
 * its children, the smaller first, so that a proof need not say left or right. Hashed twice, a leaf can be nothing that an inner node is.
 */
type Keccak = Pick<EvmPrimitives, "keccak256">;

/** What one address has ever earned. */
export interface Earning {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** nAIS, below 2^128: what the contract counts in. */
  readonly amount: bigint;
}

/** Why earnings make no tree, and which is the first at fault. */
export interface EarningsRefusal {
  readonly refused: "no-earnings" | "bad-address" | "bad-amount" | "address-twice";
  /** Where in the earnings; 0 where there are none. */
  readonly index: number;
}

const hashBytes = 32;
const addressBytes = 20;
const amountLimit = 1n << 128n;
const half = 64n;
const lowHalf = (1n << half) - 1n;

/** A tree as one array of hashes: 6.4 MB for 100,000 addresses, where an object for each node would be ten times that. */
export class ClaimsTree {
  /** As a heap: node i has the children 2i+1 and 2i+2, the root is node 0. */
  readonly #nodes: Uint8Array;
  readonly #nodeOf: ReadonlyMap<string, number>;

  private constructor(nodes: Uint8Array, nodeOf: ReadonlyMap<string, number>) {
    this.#nodes = nodes;
    this.#nodeOf = nodeOf;
  }

  /** The tree of these earnings, in whatever order they come. */
  static of(earnings: readonly Earning[], primitives: Keccak): ClaimsTree | EarningsRefusal {
    return finished(ClaimsTree.growing(earnings, primitives));
  }

  /** The same little by little, for who has something else to do meanwhile: 100,000 addresses take seconds. */
  static *growing(
    earnings: readonly Earning[],
    primitives: Keccak,
  ): Generator<undefined, ClaimsTree | EarningsRefusal> {
    const names = namesOf(earnings);
    if ("refused" in names) return names;
    const leaves = yield* leavesOf(earnings, primitives);
    const nodes = new Uint8Array((2 * earnings.length - 1) * hashBytes);
    const nodeOf = new Map<string, number>();
    for (const [place, index] of sorted(leaves, earnings.length).entries()) {
      const node = 2 * earnings.length - 2 - place; // the smallest leaf comes last
      nodes.set(hashAt(leaves, index), node * hashBytes);
      nodeOf.set(names[index] ?? "", node);
    }
    for (let node = earnings.length - 2; node >= 0; node--) {
      const parent = parentOf(hashAt(nodes, 2 * node + 1), hashAt(nodes, 2 * node + 2), primitives);
      nodes.set(parent, node * hashBytes);
      yield;
    }
    return new ClaimsTree(nodes, nodeOf);
  }

  /** 32 bytes. */
  get root(): Uint8Array {
    return this.#nodes.slice(0, hashBytes);
  }

  /** The siblings on the way from an address's leaf to the root, lowest first; undefined where the tree does not have it. */
  proof(address: Uint8Array): Uint8Array[] | undefined {
    let node = this.#nodeOf.get(toHex(address));
    if (node === undefined) return undefined;
    const proof: Uint8Array[] = [];
    while (node > 0) {
      proof.push(hashAt(this.#nodes, node % 2 === 0 ? node - 1 : node + 1).slice());
      node = Math.floor((node - 1) / 2);
    }
    return proof;
  }
}

/** Whether `proof` shows that the tree with this root says so of the address; false for whatever is of another length, or no amount. */
export function verifyClaim(
  { address, amount }: Earning,
  { root, proof }: { readonly root: Uint8Array; readonly proof: readonly Uint8Array[] },
  primitives: Keccak,
): boolean {
  if (address.length !== addressBytes || !isAmount(amount)) return false;
  if (!proof.every((sibling) => sibling.length === hashBytes)) return false;
  const leaf = leafOf(leafBytes({ address, amount }), primitives);
  const climbed = proof.reduce((hash, sibling) => parentOf(hash, sibling, primitives), leaf);
  return equalBytes(climbed, root);
}

const isAmount = (amount: bigint): boolean => amount >= 0n && amount < amountLimit;
const hashAt = (hashes: Uint8Array, index: number): Uint8Array =>
  hashes.subarray(index * hashBytes, (index + 1) * hashBytes);

/** The addresses in hexadecimal, in the earnings' order. */
function namesOf(earnings: readonly Earning[]): string[] | EarningsRefusal {
  if (earnings.length === 0) return { refused: "no-earnings", index: 0 };
  const names: string[] = [];
  const seen = new Set<string>();
  for (const [index, { address, amount }] of earnings.entries()) {
    if (address.length !== addressBytes) return { refused: "bad-address", index };
    if (!isAmount(amount)) return { refused: "bad-amount", index };
    const name = toHex(address);
    if (seen.has(name)) return { refused: "address-twice", index };
    seen.add(name);
    names.push(name);
  }
  return names;
}

function* leavesOf(earnings: readonly Earning[], primitives: Keccak): Generator<undefined, Uint8Array> {
  const leaves = new Uint8Array(earnings.length * hashBytes);
  for (const [index, earning] of earnings.entries()) {
    leaves.set(leafOf(leafBytes(earning), primitives), index * hashBytes);
    yield;
  }
  return leaves;
}

/** Address and amount as Solidity's abi.encode writes them. */
function leafBytes({ address, amount }: Earning): Uint8Array {
  const bytes = new Uint8Array(2 * hashBytes);
  bytes.set(address, hashBytes - addressBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(48, amount >> half);
  view.setBigUint64(56, amount & lowHalf);
  return bytes;
}

const leafOf = (bytes: Uint8Array, { keccak256 }: Keccak): Uint8Array => keccak256(keccak256(bytes));

function parentOf(one: Uint8Array, other: Uint8Array, { keccak256 }: Keccak): Uint8Array {
  const pair = new Uint8Array(2 * hashBytes);
  const inOrder = compareHashes(one, other) <= 0;
  pair.set(inOrder ? one : other, 0);
  pair.set(inOrder ? other : one, hashBytes);
  return keccak256(pair);
}

/** The indexes of leaves in the order of their hashes. */
function sorted(leaves: Uint8Array, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  return order.sort((one, other) => compareHashes(hashAt(leaves, one), hashAt(leaves, other)));
}

function compareHashes(one: Uint8Array, other: Uint8Array): number {
  for (let index = 0; index < hashBytes; index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

import { ClaimsTree, type Earning, toHex } from "@aegis-pool/core";
import { evmPrimitives } from "@aegis-pool/platform";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { seededRandom } from "../random.js";

/** A tree, what it is of, and how long it took. */
export interface TimedTree {
  readonly tree: ClaimsTree;
  readonly earnings: readonly Earning[];
  readonly ms: number;
}

/** As many addresses, each of which has earned up to a million AIS. */
export function earningsOf(count: number, seed: number): Earning[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    address: Uint8Array.from({ length: 20 }, () => Math.floor(random() * 256)),
    amount: BigInt(Math.ceil(random() * 1e15)),
  }));
}

export function timedTree(earnings: readonly Earning[]): TimedTree {
  const begun = performance.now();
  const tree = ClaimsTree.of(earnings, evmPrimitives);
  const ms = performance.now() - begun;
  if (!(tree instanceof ClaimsTree)) throw new Error(`${tree.refused} at ${tree.index}`);
  return { tree, earnings, ms };
}

/** How long OpenZeppelin's library takes for the same tree. @throws where it is another */
export function openZeppelinMs({ tree, earnings }: TimedTree): number {
  const values = earnings.map(({ address, amount }) => [`0x${toHex(address)}`, String(amount)]);
  const begun = performance.now();
  const { root } = StandardMerkleTree.of(values, ["address", "uint256"]);
  const ms = performance.now() - begun;
  if (root !== `0x${toHex(tree.root)}`) throw new Error(`OpenZeppelin has the root ${root}`);
  return ms;
}

import { readFile } from "node:fs/promises";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { evmPrimitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClaimsTree, type Earning, verifyClaim } from "../../src/rewards/claims-tree.js";
import { concatBytes, toHex } from "../../src/shared/bytes.js";
import { filled, flipped, hex, known, vectorFile } from "../fixtures.js";

const types = ["address", "uint256"] as const;
const prefixed = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;

/** OpenZeppelin's own tree of the same. */
function reference(earnings: readonly Earning[]) {
  const values = earnings.map(({ address, amount }) => [prefixed(address), String(amount)]);
  return StandardMerkleTree.of(values, [...types]);
}

function treeOf(earnings: readonly Earning[]): ClaimsTree {
  const tree = ClaimsTree.of(earnings, evmPrimitives);
  if (!(tree instanceof ClaimsTree)) throw new TypeError(`${tree.refused} at ${tree.index}`);
  return tree;
}

const refusal = (...earnings: Earning[]) => ClaimsTree.of(earnings, evmPrimitives);

const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 });
const amounts = fc.oneof(fc.bigInt(0n, 2n ** 128n - 1n), fc.bigInt(0n, 10n ** 12n));
const manyEarnings = fc.uniqueArray(fc.record({ address: addresses, amount: amounts }), {
  minLength: 1,
  maxLength: 40,
  selector: ({ address }) => toHex(address),
});

describe("a tree of earnings", () => {
  it("has the root and the proofs of OpenZeppelin's StandardMerkleTree, whatever it holds and in whatever order", () => {
    fc.assert(
      fc.property(manyEarnings, (earnings) => {
        const [tree, theirs] = [treeOf(earnings), reference(earnings)];
        expect(prefixed(tree.root)).toBe(theirs.root);
        for (const [index, { address }] of earnings.entries()) {
          expect(known(tree.proof(address)).map(prefixed)).toEqual(theirs.getProof(index));
        }
        expect(treeOf(earnings.toReversed()).root).toEqual(tree.root);
      }),
      { numRuns: 60 },
    );
  });

  it("has it at every size around a power of two", () => {
    for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65]) {
      const earnings = Array.from({ length: size }, (_, index) => ({
        address: filled(index + 2, 20),
        amount: BigInt(index) * 1_000_003n,
      }));
      expect(prefixed(treeOf(earnings).root)).toBe(reference(earnings).root);
    }
  });

  it("says by name, and where, why there is none", () => {
    const good: Earning = { address: filled(0xa1, 20), amount: 5n };
    expect(refusal()).toEqual({ refused: "no-earnings", index: 0 });
    for (const length of [0, 19, 21, 32]) {
      expect(refusal(good, { ...good, address: filled(0xa2, length) })).toEqual({ refused: "bad-address", index: 1 });
    }
    for (const amount of [-1n, 2n ** 128n, 2n ** 200n]) {
      expect(refusal(good, { address: filled(0xa2, 20), amount })).toEqual({ refused: "bad-amount", index: 1 });
    }
    const twice = { address: filled(0xa1, 20), amount: 6n };
    expect(refusal(good, { ...good, address: filled(0xa3, 20) }, twice)).toEqual({
      refused: "address-twice",
      index: 2,
    });
    expect(treeOf([good, { address: filled(0xa2, 20), amount: 2n ** 128n - 1n }]).root).toHaveLength(32);
  });

  it("has no proof for whom it does not hold, and gives none of itself away to be changed", () => {
    const [one, other] = [filled(0xa1, 20), filled(0xa2, 20)];
    const tree = treeOf([
      { address: one, amount: 5n },
      { address: other, amount: 7n },
    ]);
    expect(tree.proof(filled(0xa3, 20))).toBeUndefined();
    const before = toHex(tree.root);
    tree.root.fill(0);
    known(tree.proof(one))[0]?.fill(0);
    expect(toHex(tree.root)).toBe(before);
    expect(known(tree.proof(one))[0]).not.toEqual(filled(0));
  });
});

describe("a proof", () => {
  const cases = manyEarnings.chain((earnings) => fc.tuple(fc.constant(earnings), fc.nat(earnings.length - 1)));

  it("holds for what the tree says of its address, and for no other amount, address or root", () => {
    fc.assert(
      fc.property(cases, fc.nat(19), fc.nat(31), fc.nat(127), ([earnings, index], byte, ofRoot, bit) => {
        const tree = treeOf(earnings);
        const earning = known(earnings[index]);
        const { address, amount } = earning;
        const claim = { root: tree.root, proof: known(tree.proof(address)) };
        const verify = (said: Earning, shown = claim) => verifyClaim(said, shown, evmPrimitives);
        expect(verify(earning)).toBe(true);
        expect(verify({ address, amount: amount ^ (1n << BigInt(bit)) })).toBe(false);
        expect(verify({ address: flipped(address, byte), amount })).toBe(false);
        expect(verify(earning, { ...claim, root: flipped(tree.root, ofRoot) })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("holds no more with one of its hashes changed, left out, added, or cut", () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(31), ([earnings, index], at, byte) => {
        const tree = treeOf(earnings);
        const earning = known(earnings[index]);
        const proof = known(tree.proof(earning.address));
        const verify = (shown: Uint8Array[]) => verifyClaim(earning, { root: tree.root, proof: shown }, evmPrimitives);
        expect(verify([...proof, filled(byte)])).toBe(false);
        if (proof.length === 0) return;
        const place = at % proof.length;
        const changed = known(proof[place]);
        expect(verify(proof.with(place, flipped(changed, byte)))).toBe(false);
        expect(verify(proof.toSpliced(place, 1))).toBe(false);
        for (const other of [changed.subarray(0, byte), concatBytes(changed, filled(0, byte + 1))]) {
          expect(verify(proof.with(place, other))).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("cannot show an inner node, the 64 bytes of its two children, as a leaf", () => {
    const earnings = [0xa1, 0xa2, 0xa3, 0xa4].map((byte) => ({ address: filled(byte, 20), amount: BigInt(byte) }));
    const tree = treeOf(earnings);
    const dumped = reference(earnings)
      .dump()
      .tree.map((node) => hex(node.slice(2)));
    const [left, right] = [known(dumped[1]), known(dumped[2])].toSorted((one, other) => Buffer.compare(one, other));
    const children = concatBytes(known(left), known(right));
    // a tree that hashed its leaves once would have this very root, and an attacker would have its "leaf"
    expect(evmPrimitives.keccak256(children)).toEqual(tree.root);
    expect(evmPrimitives.keccak256(evmPrimitives.keccak256(children))).not.toEqual(tree.root);
    const claim = { address: known(left), amount: BigInt(prefixed(known(right))) };
    for (const proof of [[], known(tree.proof(filled(0xa1, 20)))]) {
      expect(verifyClaim(claim, { root: tree.root, proof }, evmPrimitives)).toBe(false);
    }
  });

  it("is none for an address that is not 20 bytes or an amount that no contract counts, though it climbs to the root", () => {
    const address = filled(0xa1, 20);
    const { root } = treeOf([{ address, amount: 5n }]);
    const shown = { root, proof: [] };
    expect(verifyClaim({ address, amount: 5n }, shown, evmPrimitives)).toBe(true);
    // each of these has the same 64 bytes as the leaf
    for (const reaching of [1, 12]) {
      const long = { address: concatBytes(address, filled(0, reaching)), amount: 5n };
      expect(verifyClaim(long, shown, evmPrimitives)).toBe(false);
    }
    for (const amount of [2n ** 128n + 5n, 5n - 2n ** 128n]) {
      expect(verifyClaim({ address, amount }, shown, evmPrimitives)).toBe(false);
    }
  });
});

describe("vectors/claims-tree.json", async () => {
  interface Vector {
    readonly root: string;
    readonly earnings: readonly { readonly address: string; readonly amount: string; readonly proof: string[] }[];
  }
  const { trees } = JSON.parse(await readFile(vectorFile("claims-tree"), "utf8")) as { trees: readonly Vector[] };

  it.each(trees)("has the tree $root and its proofs", ({ root, earnings }) => {
    const parsed = earnings.map(({ address, amount }) => ({ address: hex(address), amount: BigInt(amount) }));
    const tree = treeOf(parsed);
    expect(toHex(tree.root)).toBe(root);
    expect(reference(parsed).root).toBe(`0x${root}`);
    expect(earnings.map(({ proof }) => proof)).toEqual(
      parsed.map(({ address }) => known(tree.proof(address)).map(toHex)),
    );
  });
});

import { primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "../../src/shared/bytes.js";
import { GrowingTree } from "../../src/shared/growing-tree.js";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  treeRoot,
  treeWithProofs,
  verifyConsistency,
  verifyInclusion,
} from "../../src/shared/merkle.js";
import { filled, flipped, hex, known } from "../fixtures.js";

/** The leaves of the Certificate Transparency reference implementation, and the root after each. */
const reference = [
  ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  ["00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  ["10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
  ["2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
  ["3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
  ["40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
  ["5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
  ["606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
] as const;

/** The hash of a leaf of the reference. */
const published = (index: number): Uint8Array => leafHash(hex(known(reference[index])[0]), primitives);
const tree = (...parts: Uint8Array[]): string => toHex(treeRoot(parts, primitives));
const leaves = Array.from({ length: 70 }, (_, index) => leafHash(Uint8Array.of(index), primitives));
const rootAt = leaves.map((_, index) => treeRoot(leaves.slice(0, index + 1), primitives));
const root = (size: number): Uint8Array => rootAt[size - 1] ?? primitives.sha256();
const leaf = (index: number): Uint8Array => leaves[index] ?? filled(0);

const inclusionIn = (size: number, index: number) => ({
  leaf: leaf(index),
  index,
  size,
  root: root(size),
  proof: inclusionProof(leaves.slice(0, size), index, primitives),
});
const consistencyOf = (oldSize: number, newSize: number) => ({
  oldSize,
  oldRoot: root(oldSize),
  newSize,
  newRoot: root(newSize),
  proof: consistencyProof(leaves.slice(0, newSize), oldSize, primitives),
});
const sameProof = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((hash, index) => equalBytes(hash, b[index] ?? filled(0, 0)));
const upTo = (limit: number): number[] => Array.from({ length: limit }, (_, index) => index);
/** Ways to spoil a proof that leave its elements hashes: one missing, one more, two swapped, one bit. An empty one stays empty when cut. */
const spoilt = (proof: readonly Uint8Array[]): (readonly Uint8Array[])[] => [
  proof.slice(1),
  proof.slice(0, -1),
  [...proof, filled(7)],
  [filled(7), ...proof],
  [...proof, ...proof.slice(-1)],
  ...proof.slice(1).map((_, at) => proof.with(at, known(proof[at + 1])).with(at + 1, known(proof[at]))),
  ...proof.map((hash, at) => proof.with(at, flipped(hash, 31))),
];

describe("the root (RFC 9162, section 2.1.1)", () => {
  it("of an empty log is SHA-256 of nothing", () => {
    expect(toHex(treeRoot([], primitives))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("is the published one after each leaf of the Certificate Transparency reference", () => {
    const hashes = reference.map(([entry]) => leafHash(hex(entry), primitives));
    const roots = hashes.map((_, index) => toHex(treeRoot(hashes.slice(0, index + 1), primitives)));
    expect(roots).toEqual(reference.map(([, publishedRoot]) => publishedRoot));
  });

  it("tells a leaf from an inner node with the same bytes", () => {
    const [left, right] = [leaf(0), leaf(1)];
    const disguised = leafHash(Uint8Array.of(...left, ...right), primitives);
    expect(toHex(disguised)).not.toBe(toHex(treeRoot([left, right], primitives)));
  });
});

describe("an inclusion proof", () => {
  it("shows every leaf of every size, in no more steps than the tree is high", () => {
    for (const size of upTo(71).slice(1)) {
      for (const index of upTo(size)) {
        const claim = inclusionIn(size, index);
        expect(verifyInclusion(claim, primitives)).toBe(true);
        expect(claim.proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      }
    }
  });

  it("shows no other leaf, index or root", () => {
    for (const size of [1, 2, 3, 7, 8, 21]) {
      for (const index of upTo(size)) {
        const claim = inclusionIn(size, index);
        for (const other of upTo(70)) {
          expect(verifyInclusion({ ...claim, leaf: leaf(other) }, primitives)).toBe(other === index);
          expect(verifyInclusion({ ...claim, index: other }, primitives)).toBe(other === index);
          expect(verifyInclusion({ ...claim, root: root(other + 1) }, primitives)).toBe(other + 1 === size);
        }
      }
    }
  });

  it("serves another tree only where the genuine proof there is the same", () => {
    for (const size of upTo(24)) {
      for (const index of upTo(size)) {
        for (const other of upTo(24).slice(index + 1)) {
          const there = inclusionIn(other, index);
          const { proof } = inclusionIn(size, index);
          expect(verifyInclusion({ ...there, proof }, primitives)).toBe(sameProof(proof, there.proof));
        }
      }
    }
  });

  it("is refused when an element is missing, added, swapped or changed", () => {
    for (const size of [1, 2, 3, 6, 7, 8, 31, 33]) {
      for (const index of upTo(size)) {
        const claim = inclusionIn(size, index);
        for (const proof of spoilt(claim.proof)) {
          expect(verifyInclusion({ ...claim, proof }, primitives)).toBe(sameProof(proof, claim.proof));
        }
      }
    }
  });

  it("shows nothing at an index that no leaf can have", () => {
    const claim = inclusionIn(4, 0);
    for (const index of [-1, -4, 0.5, 0.25, Number.NaN, 4, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(verifyInclusion({ ...claim, index }, primitives)).toBe(false);
    }
    for (const size of [0, -4, 3.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(verifyInclusion({ ...claim, size }, primitives)).toBe(false);
    }
  });

  it("cannot climb above the tree's own height", () => {
    const second = { leaf: leaf(1), index: 0, size: 1, root: root(2), proof: [leaf(0)] };
    expect(verifyInclusion(second, primitives)).toBe(false);
  });

  it("cannot be re-cut at another boundary between two hashes", () => {
    const joined = Uint8Array.of(...leaf(0), ...leaf(1));
    const claim = { index: 0, size: 2, root: root(2), leaf: joined.subarray(0, 16), proof: [joined.subarray(16)] };
    expect(verifyInclusion(claim, primitives)).toBe(false);
  });
});

describe("a consistency proof", () => {
  it("shows every older size of every size up to 70", () => {
    for (const newSize of upTo(71)) {
      for (const oldSize of upTo(newSize + 1)) {
        expect(verifyConsistency(consistencyOf(oldSize, newSize), primitives)).toBe(true);
      }
    }
  });

  it("is the published one for the reference leaves from 3, 4 and 6 to 7 (RFC 9162, section 2.1.5)", () => {
    const [a, b, c, d, e, f, j] = [
      published(0),
      published(1),
      published(2),
      published(3),
      published(4),
      published(5),
      published(6),
    ];
    const seven = [a, b, c, d, e, f, j];
    const proof = (oldSize: number): string[] => consistencyProof(seven, oldSize, primitives).map(toHex);
    expect(proof(3)).toEqual([toHex(c), toHex(d), tree(a, b), tree(e, f, j)]);
    expect(proof(4)).toEqual([tree(e, f, j)]);
    expect(proof(6)).toEqual([tree(e, f), toHex(j), tree(a, b, c, d)]);
  });

  it("serves another pair of sizes only where the genuine proof there is the same", () => {
    for (const [oldSize, newSize] of [
      [1, 2],
      [3, 7],
      [4, 7],
      [6, 8],
      [5, 16],
      [8, 15],
    ] as const) {
      const { proof } = consistencyOf(oldSize, newSize);
      for (const otherNew of upTo(24)) {
        for (const otherOld of upTo(otherNew + 1)) {
          const there = consistencyOf(otherOld, otherNew);
          expect(verifyConsistency({ ...there, proof }, primitives)).toBe(sameProof(proof, there.proof));
        }
      }
    }
  });

  it("is refused when an element is missing, added, swapped or changed", () => {
    for (const newSize of [2, 3, 7, 8, 33]) {
      for (const oldSize of upTo(newSize).slice(1)) {
        const claim = consistencyOf(oldSize, newSize);
        for (const proof of spoilt(claim.proof)) {
          expect(verifyConsistency({ ...claim, proof }, primitives)).toBe(sameProof(proof, claim.proof));
        }
      }
    }
  });

  it("is refused when the roots are swapped, or either is another tree's", () => {
    const rewritten = treeRoot([filled(9), ...leaves.slice(1, 20)], primitives);
    for (const oldSize of upTo(20).slice(1)) {
      const claim = consistencyOf(oldSize, 20);
      const { oldRoot, newRoot } = claim;
      expect(verifyConsistency({ ...claim, oldRoot: newRoot, newRoot: oldRoot }, primitives)).toBe(false);
      expect(verifyConsistency({ ...claim, newRoot: rewritten }, primitives)).toBe(false);
      expect(verifyConsistency({ ...claim, oldRoot: rewritten }, primitives)).toBe(false);
      expect(verifyConsistency({ ...claim, oldSize: 20, newSize: oldSize }, primitives)).toBe(false);
    }
  });

  it("needs the same root and no proof where nothing was added", () => {
    const claim = consistencyOf(5, 5);
    expect(verifyConsistency({ ...claim, newRoot: root(6) }, primitives)).toBe(false);
    expect(verifyConsistency({ ...claim, proof: [filled(1)] }, primitives)).toBe(false);
  });

  it("starts from the empty log only with the empty log's root", () => {
    const claim = consistencyOf(0, 5);
    expect(verifyConsistency({ ...claim, oldRoot: root(1) }, primitives)).toBe(false);
    expect(verifyConsistency({ ...claim, proof: [root(5)] }, primitives)).toBe(false);
  });

  it("cannot be re-cut at another boundary between two hashes", () => {
    const joined = Uint8Array.of(...root(2), ...leaf(2));
    const claim = { ...consistencyOf(2, 3), oldRoot: joined.subarray(0, 16), proof: [joined.subarray(16)] };
    expect(verifyConsistency(claim, primitives)).toBe(false);
  });

  it("shows nothing for a size that no log can have", () => {
    const claim = consistencyOf(2, 4);
    for (const oldSize of [-2, 1.5, 2.5, Number.NaN]) {
      expect(verifyConsistency({ ...claim, oldSize }, primitives)).toBe(false);
    }
    for (const newSize of [3.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(verifyConsistency({ ...claim, newSize }, primitives)).toBe(false);
    }
  });
});

describe("hostile claims", () => {
  const number = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.double(), fc.constant(2 ** 53 - 1));
  const hash = fc.oneof(
    fc.constantFrom(...leaves.slice(0, 8), ...rootAt.slice(0, 8)),
    fc.uint8Array({ maxLength: 65 }),
  );
  const proof = fc.array(hash, { maxLength: 70 });

  it("about inclusion are refused without throwing", () => {
    fc.assert(
      fc.property(number, number, hash, proof, (index, size, other, path) => {
        const claim = { leaf: filled(0xee), index, size, root: other, proof: path };
        expect(verifyInclusion(claim, primitives)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("about consistency are refused without throwing", () => {
    fc.assert(
      fc.property(number, number, hash, proof, (oldSize, newSize, newRoot, path) => {
        const claim = { oldSize, oldRoot: filled(0xee), newSize, newRoot, proof: path };
        expect(verifyConsistency(claim, primitives)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

it("all proofs of a tree at once are those of each leaf by itself", () => {
  for (const size of upTo(70).map((each) => each + 1)) {
    const all = treeWithProofs(leaves.slice(0, size), primitives);
    expect(equalBytes(all.root, root(size))).toBe(true);
    for (const index of upTo(size)) {
      expect(sameProof(known(all.proofs[index]), inclusionIn(size, index).proof)).toBe(true);
    }
  }
});

it("a tree that grows has at each size the root and the proofs of a tree of these leaves", () => {
  const growing = new GrowingTree(primitives);
  const grown: Uint8Array[] = [];
  expect(growing.root()).toEqual(treeRoot([], primitives));
  for (let size = 1; size <= 70; size++) {
    grown.push(leafHash(Uint8Array.of(size), primitives));
    growing.add(grown.at(-1) ?? new Uint8Array(0));
    expect([growing.size, growing.root()]).toEqual([size, treeRoot(grown, primitives)]);
  }
  for (let size = 1; size <= 70; size++) {
    const some = grown.slice(0, size);
    for (let index = 0; index < size; index++) {
      expect(growing.inclusion(index, size)).toEqual(inclusionProof(some, index, primitives));
      expect(growing.consistency(index, size)).toEqual(consistencyProof(some, index, primitives));
    }
  }
});

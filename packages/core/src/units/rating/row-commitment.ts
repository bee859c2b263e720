import type { Primitives } from "../../privacy/primitives.js";
import { leafHash, treeWithProofs, verifyInclusion } from "../../shared/merkle.js";

/** A row of the last matrix of a challenge, opened: its residues 0 to 508, 16 bits little-endian each, and its path. */
export interface OpenedRow {
  readonly residues: Uint8Array;
  readonly proof: Uint8Array[];
}

/** A commitment to the rows of a matrix, made before it is known which of them will be asked for. */
export class RowCommitment {
  readonly root: Uint8Array;
  readonly #rows: readonly OpenedRow[];

  constructor(rows: readonly Uint8Array[], primitives: Primitives) {
    const leaves = rows.map((row) => leafHash(row, primitives));
    const { root, proofs } = treeWithProofs(leaves, primitives);
    this.root = root;
    this.#rows = rows.map((residues, index) => ({ residues, proof: proofs[index] ?? [] }));
  }

  /** Opens these rows; undefined where one of them does not exist. */
  open(indices: readonly number[]): OpenedRow[] | undefined {
    const opened = indices.flatMap((index) => this.#rows[index] ?? []);
    return opened.length === indices.length ? opened : undefined;
  }
}

/** Whether `row` is row `index` of the `size` rows under `root`. */
export function isCommitted(
  row: OpenedRow,
  { root, index, size }: { root: Uint8Array; index: number; size: number },
  primitives: Primitives,
): boolean {
  const leaf = leafHash(row.residues, primitives);
  return verifyInclusion({ leaf, index, size, root, proof: row.proof }, primitives);
}

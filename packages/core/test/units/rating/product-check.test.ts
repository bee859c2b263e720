import { combineAndFold, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { honestRows } from "../../../../../test/fixtures/speed-product.js";
import { checkedRows, checkProduct, drawRows } from "../../../src/units/rating/product-check.js";
import { type OpenedRow, RowCommitment } from "../../../src/units/rating/row-commitment.js";
import { hasDistinctRows, type SpeedChallenge, stepsFor } from "../../../src/units/rating/speed-challenge.js";
import { flipped, known } from "../../fixtures.js";

const newChallenge = () => ({ seed: primitives.randomBytes(32), size: 256, blocks: 1, steps: 4 });
const challenge = newChallenge();
const parts = { primitives, combineAndFold };
const commitTo = (rows: readonly Uint8Array[]) => new RowCommitment(rows, primitives);
const honestCommitment = (of: SpeedChallenge) => commitTo(honestRows(of));
const honest = honestCommitment(challenge);

interface Answer {
  readonly root: Uint8Array;
  readonly indices: readonly number[];
  readonly rows: readonly OpenedRow[];
}

/** The answer of whoever committed to `commitment`, but for what `change` says. */
function check(commitment: RowCommitment, change: (answer: Answer) => Partial<Answer> = () => ({}), of = challenge) {
  const indices = drawRows(of, primitives);
  const answer = { root: commitment.root, indices, rows: known(commitment.open(indices)) };
  return checkProduct(of, { ...answer, ...change(answer) }, parts);
}

const changedRow = (rows: readonly OpenedRow[]) =>
  rows.map((row, at) => (at === 7 ? { ...row, residues: flipped(row.residues, 100) } : row));
const swapped = (rows: readonly OpenedRow[]) => [known(rows[1]), known(rows[0]), ...rows.slice(2)];

describe("a computed product", () => {
  it("is accepted, again and again", () => {
    for (let turn = 0; turn < 20; turn++) expect(check(honest)).toBeUndefined();
  });

  it("of several blocks is accepted", () => {
    const wide = { ...newChallenge(), blocks: 3 };
    expect(check(honestCommitment(wide), undefined, wide)).toBeUndefined();
  });
});

describe("a product that was not computed", () => {
  it("in a tenth of its rows is found out, 99 times of 100 and more", () => {
    const rows = honestRows(challenge).map((row, index) => (index % 10 === 0 ? primitives.randomBytes(0) : row));
    const lazy = rows.map((row) => (row.length > 0 ? row : new Uint8Array(512)));
    const commitment = commitTo(lazy);
    const found = Array.from({ length: 300 }, () => check(commitment)).filter((refusal) => refusal === "product-wrong");
    expect(found.length).toBeGreaterThanOrEqual(297);
  });

  it("but for one step is found out", () => {
    expect(check(honestCommitment({ ...challenge, steps: 3 }))).toBe("product-wrong");
  });

  it("but for its last column is found out", () => {
    const rows = honestRows(challenge).map((row) => Uint8Array.of(...row.subarray(0, -2), 7, 0));
    expect(check(commitTo(rows))).toBe("product-wrong");
  });

  it("for this seed, but for an earlier one, is found out: nothing can be replayed or computed beforehand", () => {
    const next = newChallenge();
    expect(check(honest, undefined, next)).toBe("product-wrong");
  });

  it("for this block of rows, but for another's, is found out", () => {
    const wide = { ...challenge, blocks: 2 };
    const rows = honestRows(challenge);
    expect(check(commitTo([...rows, ...rows]), undefined, wide)).toBe("product-wrong");
  });
});

describe("an opened row", () => {
  it("with one changed element is none of the committed", () => {
    expect(check(honest, ({ rows }) => ({ rows: changedRow(rows) }))).toBe("row-not-committed");
  });

  it("of another index is none of those asked for", () => {
    expect(check(honest, ({ rows }) => ({ rows: swapped(rows) }))).toBe("row-not-committed");
  });

  it("with a number over 508, or of another length, is malformed, also where it was committed to", () => {
    const large = honestRows(challenge).map((row) => Uint8Array.of(...row.subarray(0, -2), 0xfd, 0x01));
    expect(check(commitTo(large))).toBe("row-malformed");
    const short = honestRows(challenge).map((row) => row.subarray(2));
    expect(check(commitTo(short))).toBe("row-malformed");
  });

  it("that is left out is missed, and one too many as well", () => {
    expect(check(honest, ({ rows }) => ({ rows: rows.slice(1) }))).toBe("row-missing");
    expect(check(honest, ({ rows }) => ({ rows: [...rows, known(rows[0])] }))).toBe("row-missing");
  });
});

it("rows are drawn anew each time, all different, in order", () => {
  const draws = Array.from({ length: 50 }, () => drawRows(challenge, primitives));
  for (const draw of draws) {
    expect(draw).toHaveLength(checkedRows);
    expect([...new Set(draw)].toSorted((a, b) => a - b)).toEqual(draw);
    expect(draw.every((row) => row >= 0 && row < 256)).toBe(true);
  }
  expect(new Set(draws.map((draw) => draw.join())).size).toBe(50);
});

it("a commitment opens only rows that it has", () => {
  expect(honest.open([255])).toHaveLength(1);
  expect(honest.open([256])).toBeUndefined();
});

it("a challenge is long enough, and never repeats an entry or a factor", () => {
  expect(stepsFor(1_024, 2, 80e9, 3_000)).toBe(56);
  expect(stepsFor(2_048, 1, 1e9, 3_000)).toBe(4);
  expect(stepsFor(16_384, 1, 1e18, 3_000)).toBe(2 ** 32 / 16_384);
  expect(hasDistinctRows({ size: 1_024, blocks: 4_096 })).toBe(true);
  expect(hasDistinctRows({ size: 1_024, blocks: 4_097 })).toBe(false);
});

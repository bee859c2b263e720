import type { Deposit } from "@aegis-pool/chain";
import { AegisError } from "@aegis-pool/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readDeposits } from "../../src/services/settlement/reading.js";
import type { DepositRow } from "../../src/store/deposit-rows.js";

/** A chain with so many deposits in each of its blocks. */
function chainOf(perBlock: readonly number[]) {
  const all: Deposit[] = [];
  for (const [block, count] of perBlock.entries()) {
    for (let one = 0; one < count; one++) {
      const index = all.length;
      const hash = `0x${String(block).padStart(64, "0")}` as const;
      all.push({
        index,
        account: "ac".repeat(32),
        amount: BigInt(index + 1),
        block,
        blockHash: hash,
        transaction: hash,
      });
    }
  }
  return {
    all,
    deposits: {
      count: async (end = Infinity) => all.filter(({ block }) => block <= end).length,
      between: async (first: number, end: number) => all.filter(({ block }) => block >= first && block <= end),
    },
  };
}

const anyBlocks = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 });
const noneCredited = async (): Promise<DepositRow[]> => [];

async function readAll(perBlock: readonly number[], atOnce: { blocks: number; deposits: number }) {
  const chain = chainOf(perBlock);
  const read: number[] = [];
  const last = perBlock.length - 1;
  for (let end = -1; end < last;) {
    const bounds = { first: end + 1, last, from: read.length, next: read.length, credited: noneCredited };
    const some = await readDeposits(chain, bounds, atOnce);
    if (typeof some === "string") throw new Error(some);
    expect(some.end).toBeGreaterThan(end);
    expect(some.fresh.length).toBeLessThan(atOnce.deposits + 3 * atOnce.blocks);
    read.push(...some.fresh.map(({ index }) => index));
    ({ end } = some);
  }
  expect(read).toEqual(chain.all.map(({ index }) => index));
}

async function spoil(perBlock: readonly number[], at: number, blocks: number, isLeftOut: boolean) {
  const chain = chainOf([...perBlock, 1]);
  const which = at % chain.all.length;
  const spoilt = (shown: readonly Deposit[]) =>
    isLeftOut
      ? shown.filter(({ index }) => index !== which)
      : shown.map((deposit) => (deposit.index === which ? { ...deposit, index: which + 1 } : deposit));
  const deposits = {
    ...chain.deposits,
    between: async (a: number, b: number) => spoilt(await chain.deposits.between(a, b)),
  };
  const bounds = { first: 0, last: perBlock.length, from: 0, next: 0, credited: noneCredited };
  expect(await readDeposits({ deposits }, bounds, { blocks, deposits: 1_000 })).toBe("incomplete");
}

it("whatever is read at once, every deposit is read once, in its order", async () => {
  const sizes = fc.record({ blocks: fc.integer({ min: 1, max: 7 }), deposits: fc.integer({ min: 1, max: 9 }) });
  await fc.assert(fc.asyncProperty(anyBlocks, sizes, readAll));
});

it("whichever deposit is left out, or shown with another number, it is noticed", async () => {
  await fc.assert(fc.asyncProperty(anyBlocks, fc.nat(), fc.integer({ min: 1, max: 7 }), fc.boolean(), spoil));
});

it("where a node refuses to answer for many blocks or many deposits, fewer are asked for, down to one block", async () => {
  const blocks = [2, 0, 5, 5, 1, 0, 0, 9, 3, 3];
  const chain = chainOf(blocks);
  const asked: number[] = [];
  const between = async (first: number, end: number) => {
    const found = await chain.deposits.between(first, end);
    asked.push(end - first + 1);
    if (found.length > 9) throw new AegisError({ code: "chain-refused", message: "Too many.", next: "Ask for less." });
    return found;
  };
  const bounds = { first: 0, last: 9, from: 0, next: 0, credited: noneCredited };
  const read = await readDeposits({ deposits: { ...chain.deposits, between } }, bounds, {
    blocks: 10,
    deposits: 1_000,
  });
  expect(read).toMatchObject({ end: 9, fresh: chain.all.map(({ index }) => ({ index })) });
  expect(Math.max(...asked.slice(1))).toBeLessThan(10);
  const never = { ...chain.deposits, between: () => between(0, 9) };
  await expect(readDeposits({ deposits: never }, bounds)).rejects.toMatchObject({ code: "chain-refused" });
});

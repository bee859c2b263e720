import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { type IntegerMatrix, productInput } from "@aegis-pool/core";
import { allFates, fates, HandJudge, runJudged } from "../../../../test/fixtures/judged-jobs.js";
import { Worker } from "./worker.js";

let pool: TestPool;
beforeEach(async () => {
  pool = await startTestPool();
});
afterEach(() => pool.stop());

function matrix(rows: number, columns: number, factor: number): IntegerMatrix<Int16Array> {
  return { rows, columns, entries: Int16Array.from({ length: rows * columns }, (_, at) => ((at * factor) % 99) - 49) };
}

/** What a program answers: the product, with one entry changed by so much. */
function answer(left: IntegerMatrix<Int16Array>, right: IntegerMatrix<Int16Array>, change = 0): Buffer {
  const { rows, columns: inner } = left;
  const { columns } = right;
  const bytes = Buffer.alloc(9 + rows * columns * 4);
  bytes.writeUInt32LE(rows, 1);
  bytes.writeUInt32LE(columns, 5);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let at = 0; at < inner; at++)
        sum += (left.entries[row * inner + at] ?? 0) * (right.entries[at * columns + column] ?? 0);
      bytes.writeInt32LE(sum, 9 + (row * columns + column) * 4);
    }
  }
  const last = bytes.length - 4;
  bytes.writeInt32LE(bytes.readInt32LE(last) + change, last);
  return bytes;
}

const dayMs = 24 * 3_600_000;
const [left, right] = [matrix(4, 6, 7), matrix(6, 3, 11)];
const input = productInput(left, right);
const run = (given: Uint8Array = input) => runJudged(pool, "exact-product", [given]);

async function held(): Promise<string> {
  const books = (await (await fetch(new URL("/v1/books", pool.url))).json()) as { totals: Record<string, string> };
  return books.totals["held"] ?? "0";
}

describe("a product that is right", () => {
  it("is given out as agreed, and paid at once: one operator is enough", async () => {
    const worker = await Worker.start(pool, answer(left, right));
    const { results } = await run();
    expect(results).toMatchObject([{ ok: true, standing: "agreed" }]);
    await expect.poll(() => fates(worker)).toEqual(["agreed"]);
    expect(await worker.account.balance("operator")).toBeGreaterThan(0n);
  });

  it("is found so also where its input is too large for a message", async () => {
    const [large, other] = [matrix(260, 200, 7), matrix(200, 20, 11)];
    await Worker.start(pool, answer(large, other));
    const given = productInput(large, other);
    expect(given.length).toBeGreaterThan(65_536);
    expect((await run(given)).results).toMatchObject([{ ok: true, standing: "agreed" }]);
  });
});

describe("a product that is wrong", () => {
  it("in one entry is an error, and not paid: the pool is shown its key, and sees it too", async () => {
    const worker = await Worker.start(pool, answer(left, right, 1));
    const { results } = await run();
    expect(results).toMatchObject([{ ok: false, standing: "held", error: { code: "result-mismatch" } }]);
    expect(String(Object(results[0]).error)).toMatch(/not the product/);
    await expect.poll(() => fates(worker)).toEqual(["rejected"]);
    expect([await held(), await worker.account.balance("operator")]).toEqual(["0", 0n]);
  });

  it("is so too where it is no matrix at all, or comes with an input that is a blob", async () => {
    const worker = await Worker.start(pool, Buffer.from('\x01"forty-two"'));
    expect((await run()).results).toMatchObject([{ ok: false, error: { code: "result-mismatch" } }]);
    await expect.poll(() => fates(worker)).toEqual(["rejected"]);
    await run(productInput(matrix(260, 200, 7), matrix(200, 20, 11)));
    await expect.poll(() => fates(worker)).toEqual(["rejected", "rejected"]);
  });

  it("is paid where its requester has had more than a fair part of its results for nothing: the program is its own", async () => {
    const worker = await Worker.start(pool, answer(left, right, 1));
    await runJudged(pool, "exact-product", [input, input, input]);
    await expect.poll(() => allFates([worker])).toEqual(["accepted", "rejected", "rejected"]);
  });

  it("is paid where nobody has shown it within a day, and cannot be disputed then", async () => {
    const worker = await Worker.start(pool, answer(left, right, 1));
    const judge = await HandJudge.open(pool, "exact-product");
    const { number } = await judge.task(1);
    pool.clock.advance(dayMs);
    await expect.poll(held, { timeout: 5_000 }).toBe("0");
    pool.clock.advance(-dayMs); // requests are as old as they say
    expect(await fates(worker)).toEqual(["accepted"]);
    await expect(judge.dispute(number)).rejects.toThrow(/was paid for/);
  });

  it("is disputed once: what was found wrong and refunded is not looked at again", async () => {
    const worker = await Worker.start(pool, answer(left, right, 1));
    const judge = await HandJudge.open(pool, "exact-product");
    const { number } = await judge.task(1, input);
    expect(await judge.dispute(number)).toBe("wrong");
    expect(await fates(worker)).toEqual(["rejected"]);
    await expect(judge.dispute(number)).rejects.toThrow(/was found wrong, and nothing was paid/);
  });

  it("is found so by the pool, not by who disputes it: one that is right is paid", async () => {
    const worker = await Worker.start(pool, answer(left, right));
    const judge = await HandJudge.open(pool, "exact-product");
    const { number } = await judge.task(1, input);
    expect(await judge.dispute(number)).toBe("right");
    expect(await fates(worker)).toEqual(["agreed"]);
    await expect(judge.dispute(number)).rejects.toThrow(/was paid for/);
    const { number: another } = await judge.task(1, "no matrices");
    expect(await judge.dispute(another)).toBe("right");
  });

  it("is not looked at where it takes long: the pool has other things to do", async () => {
    const worker = await Worker.start(pool, answer(left, right, 1));
    const judge = await HandJudge.open(pool, "exact-product");
    const { number } = await judge.task(1, productInput(matrix(2_200, 1_000, 7), matrix(1_000, 1, 11)));
    await expect(judge.dispute(number)).rejects.toThrow(/too large for the pool to look at/);
    expect(await fates(worker)).toEqual([undefined]);
  });

  it("is not refunded because its requester says so", async () => {
    const worker = await Worker.start(pool, answer(left, right));
    const judge = await HandJudge.open(pool, "exact-product");
    const { number, manifest, input: given } = await judge.task(1);
    expect([manifest, given]).not.toContain(undefined);
    judge.say(number, []);
    const metrics = async () => (await fetch(new URL("/metrics", pool.url))).text();
    await expect.poll(metrics).toContain('aegis_judgements_total{outcome="refused"} 1');
    expect(await fates(worker)).toEqual([undefined]);
    expect(await judge.judge(number, [number])).toMatchObject({ verdict: "right" });
    expect(await fates(worker)).toEqual(["agreed"]);
  });
});

describe("a task that gives no product", () => {
  it("since its input is none is paid, and its result is given out unchecked", async () => {
    const worker = await Worker.start(pool, answer(left, right));
    expect((await run(Buffer.from("no matrices"))).results).toMatchObject([{ ok: true, standing: "unchecked" }]);
    await expect.poll(() => fates(worker)).toEqual(["agreed"]);
  });

  it("since its program failed is paid like any other work", async () => {
    const worker = await Worker.start(pool, answer(left, right));
    worker.outcome = "threw";
    expect((await run()).results).toMatchObject([{ ok: false, error: { code: "task-failed" } }]);
    expect(await worker.account.balance("operator")).toBeGreaterThan(0n);
    expect(await held()).toBe("0");
  });
});

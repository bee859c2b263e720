import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { allFates, fates, HandJudge, runJudged } from "../../../../test/fixtures/judged-jobs.js";
import { Worker } from "./worker.js";

let pool: TestPool;
beforeEach(async () => {
  pool = await startTestPool();
});
afterEach(() => pool.stop());

const json = (value: unknown) => Buffer.from(`\x01${JSON.stringify(value)}`);
const dayMs = 24 * 3_600_000;

/** Operators of which each answers every task with one of these. */
async function answering(...values: unknown[]): Promise<Worker[]> {
  const workers: Worker[] = [];
  for (const value of values) workers.push(await Worker.start(pool, json(value)));
  return workers;
}

async function booksBalance(): Promise<void> {
  const books = (await (await fetch(new URL("/v1/books", pool.url))).json()) as { sum: string };
  expect(books.sum).toBe("0");
}

async function untilAged(): Promise<void> {
  pool.clock.advance(dayMs);
  const held = async () => {
    const books = (await (await fetch(new URL("/v1/books", pool.url))).json()) as { totals: Record<string, string> };
    return books.totals["held"];
  };
  await expect.poll(held, { timeout: 5_000 }).toBe("0");
  pool.clock.advance(-dayMs);
}

const judgements = async (outcome: string) => {
  const text = await (await fetch(new URL("/metrics", pool.url))).text();
  return Number(new RegExp(`aegis_judgements_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
};

describe("results that their requester compares", () => {
  it("are paid where they are within the tolerance, and refunded where not; the one that most agree with is given out", async () => {
    const workers = await answering({ loss: 0.25 }, { loss: 0.250_000_1 }, { loss: 0.3 });
    const { results, checks, balance } = await runJudged(pool, { policy: "judged" }, ["input"]);
    expect(results).toMatchObject([{ ok: true, standing: "agreed" }]);
    expect([0.25, 0.250_000_1]).toContain((Object(results[0]) as { value: { loss: number } }).value.loss);
    expect(checks).toMatchObject([{ index: 0 }]);
    expect(checks[0]).not.toHaveProperty("charged");
    expect(await Promise.all(workers.map(fates))).toEqual([["agreed"], ["agreed"], ["rejected"]]);
    expect(await workers[2]?.account.balance("operator")).toBe(0n);
    expect(await workers[2]?.account.unsettled()).toEqual({ held: 0n, owed: 0n });
    expect(await balance()).toBeGreaterThan(0n);
    expect(await workers[2]?.account.checks()).toEqual([]); // nothing is held against it
    await booksBalance();
  });

  it("may differ in the last bit of a float, which results under quorum may not", async () => {
    const workers = await answering([0.3], [0.1 + 0.2]);
    const judged = await runJudged(pool, { policy: "judged", runs: 2 }, ["input"]);
    expect(judged.results).toMatchObject([{ ok: true, standing: "agreed" }]);
    expect(await allFates(workers)).toEqual(["agreed", "agreed"]);
    const exact = await runJudged(pool, { policy: "judged", runs: 2, tolerance: 0 }, ["input"]);
    expect(exact.results).toMatchObject([{ standing: "nondeterministic" }]);
    const quorum = await runJudged(pool, "quorum", ["input"]);
    expect(quorum.results).not.toMatchObject([{ standing: "agreed" }]);
  });

  it("that are failures agree where the program failed in the same way", async () => {
    const workers = await answering(1, 2);
    for (const worker of workers) worker.outcome = "threw";
    const { results } = await runJudged(pool, { policy: "judged", runs: 2 }, ["input"]);
    expect(results).toMatchObject([{ ok: false, standing: "agreed", error: { code: "task-failed" } }]);
    expect(await allFates(workers)).toEqual(["agreed", "agreed"]);
  });

  it("of which no two are alike are given out as such, and count as rejected", async () => {
    const workers = await answering(1, 2);
    const { results, checks } = await runJudged(pool, { policy: "judged", runs: 2 }, ["input"]);
    expect(results).toMatchObject([{ ok: true, standing: "nondeterministic" }]);
    expect(checks).toMatchObject([{ verdict: "nondeterministic" }]);
    expect(await allFates(workers)).toEqual(["rejected", "rejected"]);
    for (const { account } of workers) expect(await account.balance("operator")).toBe(0n);
    await booksBalance();
  });

  it("are taken unchecked, and paid at once, where nobody else is here", async () => {
    const [worker] = await answering("alone");
    const { results, checks } = await runJudged(pool, { policy: "judged" }, ["input"]);
    expect(results).toMatchObject([{ ok: true, value: "alone", standing: "unchecked" }]);
    expect(checks).toMatchObject([{ verdict: "unchecked" }]);
    expect(worker && (await fates(worker))).toEqual(["accepted"]);
  });

  it("are compared as far as they have come, where no further operator is here", async () => {
    const workers = await answering(5, 5);
    const { results } = await runJudged(pool, { policy: "judged", runs: 5 }, ["input"]);
    expect(results).toMatchObject([{ ok: true, value: 5, standing: "agreed" }]);
    expect(await allFates(workers)).toEqual(["agreed", "agreed"]);
  });
});

describe("a requester that judges", () => {
  it("and rejects everything pays for all but the first two, also after a restart of the pool, and is told so", async () => {
    const workers = await answering(1, 1);
    const judge = await HandJudge.open(pool, { policy: "judged", runs: 2 });
    const first = await judge.task(2);
    expect(await judge.judge(first.number, [])).toMatchObject({ verdict: "nondeterministic" });
    expect(await allFates(workers)).toEqual(["rejected", "rejected"]);
    const second = await judge.task(2);
    expect(await judge.judge(second.number, [])).toMatchObject({ verdict: "nondeterministic", charged: true });
    expect(await allFates(workers)).toEqual(["accepted", "accepted", "rejected", "rejected"]);
    expect(pool.log.lines.filter((line) => line.startsWith("warn")).join()).toContain("rejects too much");
    expect([await judgements("rejected"), await judgements("charged")]).toEqual([1, 1]);
    await pool.restart();
    const again = await Promise.all(workers.map((worker) => worker.again()));
    const later = await HandJudge.again(judge);
    const third = await later.task(2);
    expect(await later.judge(third.number, [])).toMatchObject({ charged: true });
    expect(await allFates(again)).toEqual(["accepted", "accepted", "accepted", "accepted", "rejected", "rejected"]);
    await booksBalance();
  });

  it("has its word taken once, about its own tasks, about all their runs, when all are there", async () => {
    const workers = await answering(1, 1, 1);
    const [judge, other] = [
      await HandJudge.open(pool, { policy: "judged", runs: 3 }),
      await HandJudge.open(pool, { policy: "judged", runs: 3 }),
    ];
    const { number, replicate } = await judge.begin();
    judge.say(number, []); // before all are there
    await replicate();
    judge.say(number, []);
    await replicate();
    const { runs } = await judge.link.next("judge");
    const [one = 0, two = 0, three = 0] = runs;
    other.say(number, []); // another's
    judge.say(number + 1, []); // no task
    judge.say(number, [one, two, number + 1]); // no run of it
    judge.say(number, [one, two, two]); // twice the same
    judge.say(number, [one]); // like no other
    judge.say(two, []); // not a first run
    await expect.poll(() => judgements("refused")).toBe(8);
    expect(await allFates(workers)).toEqual(["undefined", "undefined", "undefined"]);
    expect(await judge.judge(number, [one, two, three])).toMatchObject({ verdict: "right" });
    judge.say(number, []); // a second time
    await expect.poll(() => judgements("refused")).toBe(9);
    expect(await allFates(workers)).toEqual(["agreed", "agreed", "agreed"]);
  });

  it("accepts by silence, a day later", async () => {
    const workers = await answering(1, 2);
    const judge = await HandJudge.open(pool, { policy: "judged", runs: 2 });
    const { number } = await judge.task(2);
    expect(await allFates(workers)).toEqual(["undefined", "undefined"]);
    await untilAged();
    expect(await judge.link.next("checked")).toMatchObject({ number, verdict: "unchecked" });
    expect(await allFates(workers)).toEqual(["accepted", "accepted"]);
    expect(workers.map(({ link }) => link.unread("reveal"))).toEqual([0, 0]);
    judge.say(number, []);
    await expect.poll(() => judgements("refused")).toBe(1);
    await booksBalance();
  });

  it("accepts what had come where it goes before all had", async () => {
    const workers = await answering(1, 2);
    const judge = await HandJudge.open(pool, { policy: "judged", runs: 2 });
    await judge.begin();
    await judge.link.next("replicate");
    await judge.link.close();
    await expect.poll(() => allFates(workers)).toEqual(["accepted"]);
  });

  it("is asked again when it comes back, also after a restart of the pool", async () => {
    const workers = await answering(1, 1);
    const judge = await HandJudge.open(pool, { policy: "judged", runs: 2 });
    const { number, runs } = await judge.task(2);
    await pool.restart();
    const later = await HandJudge.again(judge);
    const asked = await later.link.next("judge");
    expect(asked).toMatchObject({ number, runs: expect.arrayContaining([...runs]) as number[] });
    expect(await later.judge(number, [...runs])).toMatchObject({ verdict: "right" });
    expect(await allFates(workers)).toEqual(["agreed", "agreed"]);
  });
});

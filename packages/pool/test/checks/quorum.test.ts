import { createEd25519Signer } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import {
  type Earning,
  type Job,
  type JobListener,
  type JobOptions,
  jsProgram,
  Pool,
  type TaskCheck,
  type TaskResult,
} from "../../../../test/fixtures/requester.js";
import { agentKeys } from "../../../../test/fixtures/scripted-agent.js";
import { Account, startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { Worker } from "./worker.js";

let pool: TestPool;
beforeEach(async () => {
  pool = await startTestPool();
});
afterEach(() => pool.stop());

const right = Buffer.from('\x01"right"');
const wrong = Buffer.from('\x01"wrong"');
const program = jsProgram("export default () => 'right';");

/** A job whose results are held, what others make of them, and what its account has. */
class HeldJob {
  readonly checks: TaskCheck[] = [];
  readonly corrected: TaskResult<unknown>[] = [];
  readonly job: Job;
  readonly balance: () => Promise<bigint>;

  private constructor(job: Job, balance: () => Promise<bigint>) {
    this.job = job;
    this.balance = balance;
  }

  static async open(verify: JobOptions["verify"] = "quorum", listener: JobListener = {}): Promise<HeldJob> {
    const account = await fundedKey(pool.client);
    const requester = await Pool.connect(pool.url, { account });
    const heard: { held?: HeldJob } = {};
    const job = await requester.open(program, {
      verify,
      ...listener,
      onChecked: (check) => heard.held?.checks.push(check),
      onCorrected: (result) => heard.held?.corrected.push(result),
    });
    const held = new HeldJob(job, () => new Account(pool.client, account).balance());
    heard.held = held;
    return held;
  }

  /** Runs so many tasks to their end. */
  async run(count: number): Promise<TaskResult<unknown>[]> {
    this.job.add(Array.from({ length: count }, (_, index) => index));
    this.job.close();
    const results: TaskResult<unknown>[] = [];
    for await (const result of this.job) results.push(result);
    return results;
  }
}

/** Runs so many tasks in a job of their own. */
async function run(count: number, verify?: JobOptions["verify"]) {
  const held = await HeldJob.open(verify);
  const results = await held.run(count);
  return { results, checks: held.checks, balance: held.balance };
}

/** What has become of each of a worker's runs, by the pool's signed statements. */
async function fates({ account }: Worker): Promise<(string | undefined)[]> {
  const verdicts: (string | undefined)[] = [];
  for await (const { settlement } of account.earnings()) verdicts.push(settlement?.verdict);
  return verdicts;
}

async function books() {
  return (await (await fetch(new URL("/v1/books", pool.url))).json()) as {
    sum: string;
    totals: Record<string, string>;
  };
}

/** Nothing is made or lost. */
async function booksBalance(): Promise<void> {
  expect((await books()).sum).toBe("0");
}

/** Time passes until nothing is held any more; then it is as early as before, so that signed requests are fresh. */
async function untilNothingIsHeld(ms: number): Promise<void> {
  pool.clock.advance(ms);
  await expect.poll(async () => (await books()).totals.held, { timeout: 5_000 }).toBe("0");
  pool.clock.advance(-ms);
}

const honest = (count: number) => Promise.all(Array.from({ length: count }, () => Worker.start(pool, right)));

describe("a result under quorum", () => {
  it("is given out when two operators agree on it, and both are paid then", async () => {
    const workers = await honest(2);
    const { results, checks } = await run(1);
    expect(results).toMatchObject([{ ok: true, value: "right", standing: "agreed" }]);
    expect(checks).toMatchObject([{ verdict: "right" }]);
    for (const worker of workers) {
      expect(await fates(worker)).toEqual(["agreed"]);
      expect(await worker.account.unsettled()).toEqual({ held: 0n, owed: 0n });
      expect(await worker.account.balance("operator")).toBeGreaterThan(0n);
    }
    await booksBalance();
  });

  it("is agreed on by as many operators as are asked for", async () => {
    const workers = await honest(3);
    expect((await run(1, { policy: "quorum", agreeing: 3 })).results).toMatchObject([{ standing: "agreed" }]);
    for (const worker of workers) expect(await fates(worker)).toEqual(["agreed"]);
  });

  it("that is wrong is not what the requester gets, and neither is it paid", async () => {
    const liar = await Worker.start(pool, wrong, { isFirst: true });
    const others = await honest(8);
    const { results, checks } = await run(1);
    expect(results).toMatchObject([{ value: "right", standing: "agreed" }]);
    expect(checks).toMatchObject([{ verdict: "wrong" }]);
    expect(await fates(liar)).toEqual(["disproved"]);
    expect(await liar.account.balance("operator")).toBe(0n);
    const paid = (await Promise.all(others.map(fates))).flat();
    expect(paid).toEqual(Array.from({ length: 7 }, () => "agreed"));
    await booksBalance();
  });

  it("is given out as held where nobody else is here, and right later where it was wrong", async () => {
    const liar = await Worker.start(pool, wrong, { isFirst: true });
    const held = await HeldJob.open();
    const results = held.job[Symbol.asyncIterator]();
    held.job.add(["first"]);
    expect((await results.next()).value).toMatchObject({ index: 0, value: "wrong", standing: "held" });
    await honest(8);
    // what the liar begins next is checked, and then all that is held of it
    held.job.add(["second"]);
    expect((await results.next()).value).toMatchObject({ index: 1, value: "right", standing: "agreed" });
    await expect.poll(() => held.corrected.length).toBe(1);
    expect(held.corrected).toMatchObject([{ index: 0, ok: true, value: "right", standing: "agreed" }]);
    expect(await liar.account.balance("operator")).toBe(0n);
    held.job.cancel();
  });

  it("that each operator gives another of is paid all the same: nobody is to blame", async () => {
    const workers: Worker[] = [];
    for (let index = 0; index < 5; index++) workers.push(await Worker.start(pool, Buffer.from(`\x01"${index}"`)));
    expect((await run(1)).results).toMatchObject([{ ok: true, standing: "nondeterministic" }]);
    for (const worker of workers) expect(await fates(worker)).toEqual(["nondeterministic"]);
  });

  it("of an agent that does not show what it has is not paid, and another's is given out", async () => {
    const quiet = await Worker.start(pool, wrong, { isFirst: true, shows: false });
    await honest(3);
    const result = run(1);
    await expect.poll(() => quiet.link.unread("reveal")).toBe(1);
    pool.clock.advance(30_000);
    expect((await result).results).toMatchObject([{ value: "right", standing: "agreed" }]);
    expect(await fates(quiet)).toEqual(["silent"]);
    expect(await quiet.account.balance("operator")).toBe(0n);
    await booksBalance();
  });
});

const dayMs = 24 * 3_600_000;

/** A result that nobody could check, since nobody else was here. */
async function heldResult() {
  const worker = await Worker.start(pool, right);
  const held = await HeldJob.open();
  const results = held.job[Symbol.asyncIterator]();
  held.job.add(["input"]);
  expect((await results.next()).value).toMatchObject({ value: "right", standing: "held" });
  expect(await fates(worker)).toEqual([undefined]);
  expect((await worker.account.unsettled()).held).toBeGreaterThan(0n);
  expect(await worker.account.balance("operator")).toBe(0n);
  return { worker, held, results };
}

describe("a held result", () => {
  it("is paid a day later where its requester is gone: silence accepts", async () => {
    const { worker, held } = await heldResult();
    held.job.close();
    await untilNothingIsHeld(dayMs);
    expect(await fates(worker)).toEqual(["accepted"]);
    expect(await worker.account.balance("operator")).toBeGreaterThan(0n);
    await booksBalance();
  });

  it("is checked a day later where its requester is here", async () => {
    const { worker, held } = await heldResult();
    const [other] = await honest(1);
    await untilNothingIsHeld(dayMs);
    expect(await fates(worker)).toEqual(["agreed"]);
    expect(other && (await fates(other))).toEqual(["agreed"]);
    expect(held.checks.map(({ verdict }) => verdict)).toEqual(["held", "right"]);
    held.job.cancel();
  });

  it("stays held over a restart of the pool, and is paid once", async () => {
    const { worker, held } = await heldResult();
    held.job.close();
    await pool.restart();
    expect(await fates(worker)).toEqual([undefined]);
    await untilNothingIsHeld(dayMs);
    expect(await fates(worker)).toEqual(["accepted"]);
    const paid = await worker.account.balance("operator");
    await pool.restart();
    expect([await worker.account.balance("operator"), (await worker.account.unsettled()).held]).toEqual([paid, 0n]);
    await booksBalance();
  });
});

/** Twenty trusted operators, and one that nobody knows and that asks for least. */
async function crowd(answer: Uint8Array) {
  const trusted = await honest(20);
  const unknown = await Worker.start(pool, answer, { isFirst: true });
  const rows = trusted.map(({ agent }) => `(decode('${agent.id}', 'hex'), 'js', 12, 12, 0)`);
  await pool.restart(`INSERT INTO trust (agent, engine, valid, passed, disproved) VALUES ${rows.join()}`);
  await Promise.all(trusted.map((worker) => worker.again()));
  const novice = await unknown.again();
  await expect.poll(() => pool.log.lines.some((line) => line.includes("novices begin no held tasks"))).toBe(true);
  return novice;
}

async function untilTaught(novice: Worker) {
  while (novice.numbers.length === 0) {
    await run(4);
    pool.clock.reset(); // each run takes a second of it, and requests are signed by the real one
  }
}

describe("a novice, where twenty operators are trusted,", () => {
  it("begins no task, and is given some on which others have agreed: it is paid for these when it is right", async () => {
    const novice = await crowd(right);
    await untilTaught(novice);
    expect(new Set(await fates(novice))).toEqual(new Set([undefined])); // with its first results
    expect((await novice.account.unsettled()).held).toBeGreaterThan(0n);
  });

  it("that gives another answer than others agreed on is not paid", async () => {
    const novice = await crowd(wrong);
    await untilTaught(novice);
    expect(new Set(await fates(novice))).toEqual(new Set(["failed-training"]));
    expect(await novice.account.balance("operator")).toBe(0n);
    await booksBalance();
  });
});

/** An operator that has lied once, and been forgiven. */
async function forgiven() {
  const liar = await Worker.start(pool, wrong, { isFirst: true });
  const others = await honest(8);
  await run(1);
  expect((await liar.account.unsettled()).owed).toBe(0n);
  return { liar, others };
}

describe("a second wrong result", () => {
  it("costs forty charges, out of what is held and then out of the bond; who had to spend more gets that back", async () => {
    const { liar } = await forgiven();
    const operator = new Account(pool.client, liar.agent.keys.operator);
    await operator.fund(1_000_000n);
    await operator.putBond(100_000n, "requester");
    const held = await HeldJob.open();
    const before = await held.balance();
    await held.run(1);
    const [, second] = await earningsOf(liar);
    const charge = BigInt(second?.verified?.receipt.charge ?? 0);
    expect(second?.settlement).toMatchObject({ verdict: "disproved", refund: String(charge), reward: "0" });
    await expect.poll(() => owed(liar), { timeout: 15_000 }).toBe(0n);
    expect((await operator.bond()).bond).toBe(100_000n - charge * 40n);
    // of eight runs the requester has paid for two, by operators whose floor is half as high again
    await expect.poll(held.balance).toBe(before - 2n * ((charge * 3n) / 2n));
    await booksBalance();
  });

  it("is owed by the operator, also when its agent comes back under another key, which nobody trusts", async () => {
    const { liar } = await forgiven();
    await run(1);
    const before = await owed(liar);
    liar.link.send({ type: "capacity", leases: 0 });
    const keys = agentKeys(createEd25519Signer());
    const again = await Worker.start(pool, right, {
      isFirst: true,
      keys: { ...keys, operator: liar.agent.keys.operator },
    });
    await run(1);
    expect(await fates(again)).toContain("agreed");
    expect(await owed(again)).toBeLessThan(before);
    expect(await again.account.balance("operator")).toBe(0n);
    expect((await again.account.checks())[0]).toMatchObject({ agent: again.agent.id, verdict: "passed", valid: 1 });
  });

  it("is worked off where there is no bond: nothing is paid out before", async () => {
    const { liar } = await forgiven();
    await run(1);
    const before = await owed(liar);
    expect(before).toBeGreaterThan(0n);
    liar.output = right;
    await run(1);
    const [third] = (await earningsOf(liar)).slice(2);
    expect(third?.settlement).toMatchObject({
      verdict: "agreed",
      reward: "0",
      withheld: third?.verified?.receipt.reward,
    });
    expect(await owed(liar)).toBe(before - BigInt(third?.verified?.receipt.reward ?? 0));
    expect(await liar.account.balance("operator")).toBe(0n);
    await booksBalance();
  });
});

async function earningsOf({ account }: Worker) {
  const all: Earning[] = [];
  for await (const earning of account.earnings()) all.push(earning);
  return all;
}

const owed = async ({ account }: Worker) => (await account.unsettled()).owed;

import { randomInt } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  memberTask,
  parseRunView,
  type Procedure,
  readStatement,
  runTerms,
  type Signer,
  signStatement,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cancelRun, statusOf } from "../../packages/sdk/src/index.js";
import { type FederatedSetting, federatedSetting, wholeStep } from "../fixtures/federated.js";
import { answered } from "../fixtures/manual-participant.js";
import { present } from "../fixtures/present.js";
import { PoolAdmin, startTestPool, type TestPool } from "../fixtures/test-pool.js";

let pool: TestPool;
let setting: FederatedSetting;

beforeEach(async () => {
  pool = await startTestPool("off", { committeeTrust: 0 });
  setting = await federatedSetting(pool, { values: 100_000, rounds: 1 });
});

afterEach(async () => {
  await setting.stop();
  await pool.stop();
});

function* much(): Procedure<void> {
  yield wholeStep(
    "much",
    Array.from({ length: 100_000 }, () => 1),
  );
}

const joinAll = () => Promise.all([0, 1, 2, 3, 4].map((place) => setting.join(place, much())));
const allSettled = () => vi.waitUntil(() => setting.members.every(({ settled }) => settled.length > 0), 30_000);

async function operators(): Promise<bigint> {
  return (await pool.client.books()).totals.get("operator") ?? 0n;
}

describe("what is set aside for a run", () => {
  it("is its members' until it is over: its key can neither take it back nor spend it", async () => {
    const { key } = setting.created.owned;
    await expect(pool.client.releaseFunds(key)).rejects.toMatchObject({ code: "run-refused" });
    const more = { amount: 1n, once: Buffer.alloc(16, 2) };
    await expect(pool.client.reserve(key, setting.account, more)).rejects.toMatchObject({ code: "run-refused" });
    const before = (await pool.client.books()).totals.get("escrow");
    expect(before).toBe(setting.created.reserved);
    await joinAll();
    await allSettled();
    expect(await operators()).toBe(12n);
  });

  it("goes back when its owner ends the run, or when nothing is heard of it for days", async () => {
    await cancelRun(pool.client, setting.created.owned);
    await vi.waitUntil(async () => (await pool.client.books()).totals.get("escrow") === 0n, 30_000);
    expect(await statusOf(setting.created.owned)).toMatchObject({ phase: "failed", reason: "its owner has ended it" });
    const other = await federatedSetting(pool, { agents: 0 });
    expect((await pool.client.books()).totals.get("escrow")).toBe(other.created.reserved);
    pool.clock.advance(4 * 24 * 3_600_000);
    await vi.waitUntil(async () => (await pool.client.books()).totals.get("escrow") === 0n, 30_000);
    await other.stop();
  });

  it("is paid once to each member, however often it asks and whatever ends the pool in between", async () => {
    const [eager] = setting.members;
    present(eager).meddling = {
      says: (message) => {
        if (message.type === "committee-settled") for (let again = 0; again < 5; again++) present(eager).say(message);
        return message;
      },
    };
    await joinAll();
    await allSettled();
    await pool.restart();
    await Promise.all(setting.members.map((member) => member.connect()));
    await vi.waitUntil(async () => (await pool.client.books()).totals.get("escrow") === 0n, 30_000);
    expect(await operators()).toBe(12n);
    expect((await pool.client.books()).sum).toBe(0n);
  });
});

describe("a run", () => {
  it("and a run has a key of its own: one that has or had other work is refused whole", async () => {
    const base = `${pool.url}/v1/federated/${toHex(setting.created.owned.run)}`;
    const view = present(parseRunView(new Uint8Array(await (await fetch(base)).arrayBuffer())));
    const { key } = setting.created.owned;
    const terms = present(readStatement(runTerms, view.terms));
    const [{ number } = { number: 0 }] = await rows<{ number: number }>("SELECT number FROM tasks");
    const [{ count } = { count: "" }] = await rows<{ count: string }>("SELECT count(*) FROM tasks");
    const ask = async (owner: Signer, numbers: readonly number[]) => {
      const asked = { ...terms, owner: owner.publicKey, createdAt: terms.createdAt + 1 };
      const { pool: of, owner: job, maxPrice, maxWork } = asked;
      const tasks = numbers.map((own) =>
        signStatement(memberTask, { number: own, job, pool: of, maxPrice, maxWork }, owner),
      );
      const body = new Blob([toCbor({ terms: signStatement(runTerms, asked, owner), seats: view.seats, tasks })]);
      const headers = { "content-type": "application/cbor" };
      return answered(await fetch(`${pool.url}/v1/federated`, { method: "POST", headers, body }));
    };
    const fresh = () => Array.from({ length: 12 }, () => randomInt(2 ** 47));
    const saying = (words: string) => ({ code: "run-refused", message: expect.stringContaining(words) as string });
    expect(await ask(key, fresh())).toMatchObject(saying("has other work"));
    await joinAll();
    await allSettled();
    await vi.waitUntil(async () => (await pool.client.books()).totals.get("escrow") === 0n, 30_000);
    const reserve = (owner: Signer, byte: number) =>
      pool.client.reserve(owner, setting.account, { amount: setting.created.reserved, once: Buffer.alloc(16, byte) });
    await reserve(key, 1);
    expect(await ask(key, fresh())).toMatchObject(saying("has had other work"));
    const other = createEd25519Signer();
    await reserve(other, 2);
    expect(await ask(other, fresh().with(7, Number(number)))).toMatchObject({ code: "task-number-taken" });
    expect(await rows("SELECT count(*) FROM federated_runs")).toEqual([{ count: "1" }]);
    // four were paid, eight numbers were given up
    expect([count, await rows("SELECT count(*) FROM tasks")]).toEqual(["12", [{ count: "4" }]]);
  });
});

describe("what is left of a run", () => {
  it("goes when the results of tasks would", async () => {
    await joinAll();
    await allSettled();
    await vi.waitUntil(async () => (await pool.client.books()).totals.get("escrow") === 0n, 30_000);
    const folder = join(pool.directory, "federated");
    expect(await readdir(folder)).toEqual([toHex(setting.created.owned.run)]);
    await pool.alter(`UPDATE federated_runs SET over_at = over_at - ${8 * 24 * 3_600_000}`);
    const root = await openKeyFile(join(pool.directory, "admin.key"), createEd25519Signer);
    // whoever changes what is kept has it swept at once
    await new PoolAdmin(pool.client, root).change({ do: "set", name: "resultDays", value: 7 });
    await vi.waitUntil(async () => (await readdir(folder)).length === 0, 30_000);
    for (const table of ["federated_runs", "federated_rounds", "federated_events"])
      expect(await rows(`SELECT count(*) FROM ${table}`)).toEqual([{ count: "0" }]);
  });
});

async function rows<R extends pg.QueryResultRow>(text: string): Promise<R[]> {
  const client = new pg.Client(pool.database);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

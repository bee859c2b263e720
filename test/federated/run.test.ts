import { formatAis, openStatement, receiptStatement, toHex, type Procedure } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startRun, statusOf } from "../../packages/sdk/src/index.js";
import { CommitteeMember } from "../fixtures/committee-member.js";
import { type FederatedSetting, federatedSetting, wholeStep } from "../fixtures/federated.js";
import { startTestPool, type TestPool } from "../fixtures/test-pool.js";

let pool: TestPool;
const settings: FederatedSetting[] = [];

beforeEach(async () => {
  pool = await startTestPool("off", { committeeTrust: 0 });
});

afterEach(async () => {
  for (const setting of settings.splice(0)) await setting.stop();
  await pool.stop();
});

async function open(options: Parameters<typeof federatedSetting>[1] = {}): Promise<FederatedSetting> {
  const setting = await federatedSetting(pool, options);
  settings.push(setting);
  return setting;
}

/** Adds up what all have, `rounds` times: each time with what the sum before was. Sums that are lost count as 0. */
function* adding(own: number, rounds = 2): Procedure<number[]> {
  const totals: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const sums = yield wholeStep(`round ${round}`, [own, totals.length]);
    totals.push(sums.reduce((all, { parts }) => all + (parts[0]?.[0] ?? 0), 0));
  }
  return totals;
}

/** Adds up a hundred thousand values. */
function* much(): Procedure<void> {
  yield wholeStep(
    "much",
    Array.from({ length: 100_000 }, () => 1),
  );
}

/** How many are in each group, and what all have. */
function* byGroup(own: number): Procedure<number[]> {
  const sums = yield wholeStep("groups", [own]);
  const total = sums.reduce((all, { parts }) => all + (parts[0]?.[0] ?? 0), 0);
  return [...sums.map(({ participants }) => participants), total];
}

describe("a federated run", () => {
  it("gives every participant the sum of all, round after round", async () => {
    const setting = await open();
    const results = await Promise.all([1, 2, 3, 4, 5].map((own, place) => setting.join(place, adding(own, 3))));
    expect(results).toEqual(Array.from({ length: 5 }, () => [15, 15, 15]));
    const seen = setting.events.get(0)?.map(({ type }) => type);
    expect(seen).toEqual(expect.arrayContaining(["enrolled", "revealed", "drawn", "ready", "uploaded", "summed"]));
  });

  it("pays each member for what it has added, by a receipt, and gives back the rest", async () => {
    const setting = await open({ values: 100_000, rounds: 1 });
    await Promise.all([0, 1, 2, 3, 4].map((place) => setting.join(place, much())));
    await vi.waitUntil(() => setting.members.every(({ settled }) => settled.length === 1), 20_000);
    for (const { settled, agent } of setting.members) {
      const receipt = settled[0] && openStatement(receiptStatement, settled[0].receipt, pool.client.key, primitives);
      // five uploads of 100,000 values, and the masks of three subsets each: two million additions
      expect(receipt).toMatchObject({ payment: "paid", work: 667, price: "3000", charge: "3", reward: "3", fee: "0" });
      expect(toHex(receipt?.agent ?? new Uint8Array(0))).toBe(agent.id);
    }
    await vi.waitUntil(async () => (await pool.client.books()).totals.get("escrow") === 0n, 20_000);
    const { totals, sum } = await pool.client.books();
    expect([formatAis(totals.get("operator") ?? 0n), sum]).toEqual(["12 nAIS", 0n]);
  });

  it("sums groups apart, each of at least the floor", async () => {
    const setting = await open({ participants: 10, groups: 2 });
    const results = await Promise.all(Array.from({ length: 10 }, (_, place) => setting.join(place, byGroup(place))));
    expect(results).toEqual(Array.from({ length: 10 }, () => [5, 5, 45]));
  });

  it("waits for as many operators as the committee has members, says so, and goes on when they come", async () => {
    const setting = await open({ agents: 3 });
    const joined = Promise.all([0, 1, 2, 3, 4].map((place) => setting.join(place, adding(1))));
    const { owned } = setting.created;
    const why = "agents of 3 operators can be drawn for the committee, and it needs 4";
    await vi.waitUntil(async () => (await statusOf(owned)).reason?.includes(why), 30_000);
    await expect(startRun(pool.client, owned)).rejects.toMatchObject({
      message: expect.stringContaining(why) as string,
    });
    const late = await CommitteeMember.join(pool);
    expect(await joined).toEqual(Array.from({ length: 5 }, () => [5, 5]));
    await late.stop();
  });
});

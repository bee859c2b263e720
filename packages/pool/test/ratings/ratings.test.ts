import {
  challengeFlops,
  provenSlotSpeed,
  ratingRules,
  readStatement,
  receiptStatement,
  type SpeedChallenge,
  unprovenSlotSpeed,
} from "@aegis-pool/core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";
import {
  answer,
  challenged,
  claimed,
  comesBack,
  garbage,
  hasty,
  honestCommitment,
  ratings,
  ratingsWithSlots,
  skipping,
  taskFor,
} from "./speed.js";

let shared: TestPool | undefined;
const pool = (): TestPool => present(shared);
beforeAll(async () => {
  shared = await startTestPool(ratings);
});
afterEach(() => shared?.clock.reset());
afterAll(() => shared?.stop());

const historyOf = (agent: string) => pool().client.ratingsOf(agent);
/** A slot in 23 hours is certain but for one time in 100,000. */
const untilSlot = 23 * 3_600_000;

/** A pool of the test's own: its slots come after what other tests did to the clock. */
async function ownPool(): Promise<TestPool> {
  const own = await startTestPool(ratingsWithSlots);
  onTestFinished(() => own.stop());
  return own;
}

async function provenAt(own: TestPool) {
  const { agent, link, asked } = await challenged(own);
  await answer(own, link, asked);
  return { agent, link };
}

describe("an agent that proves its speed", () => {
  it("counts for what it has computed in the time it took", async () => {
    const { agent, link, asked } = await challenged(pool());
    const rated = await answer(pool(), link, asked, { ms: 2_000 });
    const { slotSpeed } = rated;
    const [entry] = await historyOf(agent.id);
    const memory = claimed.memoryBytesPerSecond;
    expect(entry).toMatchObject({ reason: "proven", slots: 1, memory, slotSpeed });
    const { fp32 } = present(entry);
    const ms = challengeFlops(asked.challenge) / (fp32 / 1_000);
    expect([ms <= 2_000, ms >= 2_000 - ratingRules.mostRoundTripMs]).toEqual([true, true]);
    expect(slotSpeed).toBe(provenSlotSpeed("cpu", { fp32 }, memory, 1));
  });

  it("is paid by that speed", async () => {
    const { agent, link, asked } = await challenged(pool());
    const { slotSpeed } = await answer(pool(), link, asked);
    const { requester, releaser } = await taskFor(pool(), agent);
    const task = await agent.take();
    await requester.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    pool().clock.advance(3_000);
    agent.answer(task, keys);
    const { receipt } = await releaser.next("finished");
    expect(readStatement(receiptStatement, present(receipt))?.work).toBe(slotSpeed * 3);
  });

  it("gets no task while it computes, and gets one when it is done", async () => {
    const { agent, link, asked } = await challenged(pool());
    await taskFor(pool(), agent);
    expect(link.unread("offer")).toBe(0);
    await answer(pool(), link, asked);
    expect((await agent.take()).fence).toBe(1);
  });

  it("is not asked again for a day when it comes back, and is asked then", async () => {
    const { agent, link, asked } = await challenged(pool());
    await answer(pool(), link, asked);
    await link.close();
    const again = await comesBack(agent);
    await taskFor(pool(), agent);
    await agent.take(again); // which nobody gets who is challenged
    expect(again.unread("speed-challenge")).toBe(0);
    await again.close();
    pool().clock.advance(ratingRules.lastsMs);
    const later = await comesBack(agent);
    expect((await later.next("speed-challenge")).challenge.seed).not.toEqual(asked.challenge.seed);
  });

  it("proves it anew when it lends another number of slots", async () => {
    const { agent, link, asked } = await challenged(pool());
    await answer(pool(), link, asked);
    await link.close();
    agent.lend({ slots: 2 });
    const { challenge } = await (await comesBack(agent)).next("speed-challenge");
    expect(challenge.blocks).toBe(2);
  });

  it("is not asked while it takes no work, and is asked when it does", async () => {
    const agent = await ScriptedAgent.enrolled(pool(), { offer: { speeds: claimed } });
    const link = await agent.connect();
    onTestFinished(() => link.close());
    link.send({ type: "capacity", leases: 0 });
    await pool().client.describe();
    expect(link.unread("speed-challenge")).toBe(0);
    link.send({ type: "capacity", leases: 1 });
    expect((await link.next("speed-challenge")).challenge.blocks).toBe(1);
  });

  it("is asked for another product than anybody else", async () => {
    const [one, other] = [await challenged(pool()), await challenged(pool())];
    expect(one.asked.challenge.seed).not.toEqual(other.asked.challenge.seed);
  });
});

describe("an agent that has proven nothing", () => {
  it("counts for little, whatever it claims", () => {
    const huge = { fp32FlopsPerSecond: 1e15, memoryBytesPerSecond: 1e12 };
    expect(unprovenSlotSpeed("cpu", huge, 4)).toBe(ratingRules.unprovenSlotSpeed);
    expect(unprovenSlotSpeed("cpu", claimed, 1)).toBeLessThan(ratingRules.unprovenSlotSpeed);
  });

  it("and claims more memory traffic than its operations could use counts for what they could", () => {
    expect(provenSlotSpeed("cpu", { fp32: 1e9 }, 1e12, 1)).toBe(provenSlotSpeed("cpu", { fp32: 1e9 }, 1e9, 1));
    expect(provenSlotSpeed("cpu", { fp32: 1e9 }, 1e8, 1)).toBeLessThan(provenSlotSpeed("cpu", { fp32: 1e9 }, 1e9, 1));
  });

  it("answers late: its own word counts, and it may try again after ten minutes", async () => {
    const { agent, link } = await challenged(pool());
    pool().clock.advance(60_000);
    expect(await link.next("rated")).toMatchObject({ reason: "late", slotSpeed: unprovenSlotSpeed("cpu", claimed, 1) });
    pool().clock.advance(ratingRules.retryMs);
    await answer(pool(), link, await link.next("speed-challenge"));
    expect((await historyOf(agent.id)).map(({ reason }) => reason)).toEqual(["proven", "late"]);
  });

  it("leaves in the middle: that is noted", async () => {
    const { agent, link } = await challenged(pool());
    await link.close();
    await expect.poll(async () => (await historyOf(agent.id)).map(({ reason }) => reason)).toEqual(["abandoned"]);
  });
});

describe("an agent that cheats", () => {
  const old = { seed: new Uint8Array(32), size: 256, blocks: 1, steps: 30 };
  it.each([
    ["replays an old commitment", () => honestCommitment(old), "product-wrong"],
    ["has computed a step less", hasty, "product-wrong"],
    ["skips a tenth of the rows", (asked: SpeedChallenge) => skipping(asked, 10), "product-wrong"],
    ["commits to garbage", garbage, "row-malformed"],
  ])("and %s is found out, and gets no work until it has proven a speed", async (_what, commit, reason) => {
    const { agent, link, asked } = await challenged(pool());
    expect(await answer(pool(), link, asked, { commit })).toMatchObject({ reason, slotSpeed: 0 });
    expect(await historyOf(agent.id)).toMatchObject([{ reason, slotSpeed: 0, fp32: 0 }]);
    await taskFor(pool(), agent);
    expect(link.unread("offer")).toBe(0);
    await link.close();
    const again = await comesBack(agent); // does not help
    await pool().client.describe();
    expect(again.unread("offer")).toBe(0);
    pool().clock.advance(ratingRules.retryMs);
    await answer(pool(), again, await again.next("speed-challenge"));
    await agent.take(again);
  });

  it("and tampers with one element of an opened row is found out", async () => {
    const { link, asked } = await challenged(pool());
    const commitment = honestCommitment(asked.challenge);
    link.send({ type: "speed-commitment", id: asked.id, root: commitment.root });
    const [first, ...rest] = present(commitment.open((await link.next("open-rows")).indices));
    const residues = Uint8Array.from(present(first).residues);
    residues[0] = (residues[0] ?? 0) ^ 1;
    link.send({ type: "opened-rows", id: asked.id, rows: [{ ...present(first), residues }, ...rest] });
    expect(await link.next("rated")).toMatchObject({ reason: "row-not-committed", slotSpeed: 0 });
  });

  it("and answers another agent's challenge is not heard", async () => {
    const [liar, other] = [await challenged(pool()), await challenged(pool())];
    const commitment = honestCommitment(other.asked.challenge);
    liar.link.send({ type: "speed-commitment", id: other.asked.id, root: commitment.root });
    await answer(pool(), liar.link, liar.asked);
    expect(liar.link.unread("open-rows")).toBe(0);
    expect((await answer(pool(), other.link, other.asked)).reason).toBe("proven");
  });

  it("and commits again once the rows are known is held to the first commitment", async () => {
    const { link, asked } = await challenged(pool());
    link.send({ type: "speed-commitment", id: asked.id, root: skipping(asked.challenge, 2).root });
    const { indices } = await link.next("open-rows");
    const honest = honestCommitment(asked.challenge);
    link.send({ type: "speed-commitment", id: asked.id, root: honest.root });
    link.send({ type: "opened-rows", id: asked.id, rows: present(honest.open(indices)) });
    expect(await link.next("rated")).toMatchObject({ reason: "row-not-committed" });
  });
});

describe("a slot", () => {
  it("calls all idle agents at the same moment: two agents on one device each prove half of it", async () => {
    const own = await ownPool();
    const [one, other] = [await provenAt(own), await provenAt(own)];
    own.clock.advance(untilSlot);
    const [askedOne, askedOther] = [await one.link.next("speed-challenge"), await other.link.next("speed-challenge")];
    own.clock.advance(2_000); // the device computes both, in turns
    await answer(own, one.link, askedOne, { ms: 0 });
    await answer(own, other.link, askedOther, { ms: 0 });
    for (const { agent } of [one, other]) {
      const [together, alone] = await own.client.ratingsOf(agent.id);
      expect(present(together).fp32 / present(alone).fp32).toBeCloseTo(0.5, 1); // less the network's time
    }
  });
});

it("whoever has lied gets no work from a pool that was started again either", async () => {
  const { agent, link, asked } = await challenged(pool());
  await answer(pool(), link, asked, { commit: garbage });
  await link.close();
  await pool().restart();
  await comesBack(agent);
  expect((await pool().client.describe()).offers).toEqual([]);
});

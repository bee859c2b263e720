import { challengeFlops, ratingRules, RowCommitment, type SpeedChallenge, unprovenSlotSpeed } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { agentKeys, type AgentLink, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { honestRows } from "../../../../test/fixtures/speed-product.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";
import { answer, challenged, claimed, garbage, honestCommitment, ratings } from "./speed.js";

/** Cheats that `ratings.test.ts` does not have: each ends with its reason in the agent's history, and with no speed that it does not have. */
const pool = sharedPool(ratings);

/** An agent's history, newest first: reasons, and what they made it count for. */
async function historyOf({ id }: ScriptedAgent) {
  return (await pool().client.ratingsOf(id)).map(({ reason, slotSpeed }) => [reason, slotSpeed]);
}

/** Resolves when the pool has heard all that was sent before: it answers what comes after. */
async function allHeard(link: AgentLink): Promise<void> {
  link.send({ type: "accept", number: 1, fence: 1 });
  await link.next("refused");
}

/** What one commits to who has one number of each row wrong: the next of the 509 that there are. Errors in one column would cancel out once in 508 times. */
function withWrongDiagonal(challenge: SpeedChallenge): RowCommitment {
  const rows = honestRows(challenge);
  for (const [index, row] of rows.entries()) {
    const numbers = new DataView(row.buffer, row.byteOffset, row.length);
    const at = (2 * index) % row.length;
    numbers.setUint16(at, (numbers.getUint16(at, true) + 1) % 509, true);
  }
  return new RowCommitment(rows, primitives);
}

/** An agent with a device as fast as `claimed` says, that claims so many times as much. */
const boasting = (times: number) =>
  challenged(pool(), { offer: { speeds: { ...claimed, fp32FlopsPerSecond: times * claimed.fp32FlopsPerSecond } } });

describe("an agent that claims a speed that it does not have", () => {
  it("counts for what it computes: it is asked for so much more", async () => {
    const { agent, link, asked } = await boasting(8);
    const ms = Math.round((challengeFlops(asked.challenge) / claimed.fp32FlopsPerSecond) * 1_000);
    expect(ms).toBeGreaterThan(7_000);
    const { slotSpeed } = await answer(pool(), link, asked, { ms });
    expect(await historyOf(agent)).toEqual([["proven", slotSpeed]]);
    const [entry] = await pool().client.ratingsOf(agent.id);
    expect(present(entry).fp32 / claimed.fp32FlopsPerSecond).toBeCloseTo(1, 1);
  });

  it("is late where it claims too much, and counts for as little as anybody without a proof", async () => {
    const { agent, link } = await boasting(10_000);
    pool().clock.advance(60_000);
    await link.next("rated");
    expect(await historyOf(agent)).toEqual([["late", ratingRules.unprovenSlotSpeed]]);
  });
});

describe("an agent that has an answer before it is asked", () => {
  it("and commits to one beforehand is not heard: its time begins with the challenge", async () => {
    const agent = await ScriptedAgent.enrolled(pool(), { offer: { speeds: claimed } });
    const link = await agent.connect();
    onTestFinished(() => link.close());
    const root = primitives.randomBytes(32);
    link.send({ type: "capacity", leases: 1 }, { type: "speed-commitment", id: new Uint8Array(16), root });
    const asked = await link.next("speed-challenge");
    link.send({ type: "speed-commitment", id: new Uint8Array(16), root });
    const rated = await answer(pool(), link, asked, { ms: 2_000 });
    expect(link.unread("open-rows")).toBe(0);
    const [entry] = await pool().client.ratingsOf(agent.id);
    expect(entry).toMatchObject({ reason: "proven", slotSpeed: rated.slotSpeed });
    expect(present(entry).fp32).toBeLessThan(challengeFlops(asked.challenge) / 1.9);
  });

  it("of the day before is found out, and has no proof any more", async () => {
    const { agent, link, asked } = await challenged(pool());
    const first = honestCommitment(asked.challenge);
    const { slotSpeed } = await answer(pool(), link, asked, { commit: () => first });
    pool().clock.advance(ratingRules.lastsMs);
    const again = await link.next("speed-challenge");
    expect(await answer(pool(), link, again, { ms: 1, commit: () => first })).toMatchObject({ slotSpeed: 0 });
    expect(await historyOf(agent)).toEqual([
      ["product-wrong", 0],
      ["proven", slotSpeed],
    ]);
  });
});

describe("one device", () => {
  it.each([
    ["two agents of one operator", createEd25519Signer()],
    ["agents of two operators", undefined],
  ])("cannot answer for %s at the price of one", async (_who, operator) => {
    const one = await challenged(pool(), { keys: agentKeys(operator) });
    const other = await challenged(pool(), { keys: agentKeys(operator) });
    const computed = honestCommitment(one.asked.challenge);
    const { slotSpeed } = await answer(pool(), one.link, one.asked, { commit: () => computed });
    await answer(pool(), other.link, other.asked, { ms: 0, commit: () => computed });
    expect(await historyOf(one.agent)).toEqual([["proven", slotSpeed]]);
    expect(await historyOf(other.agent)).toEqual([["product-wrong", 0]]);
  });
});

it("an agent that has one number of each row wrong is found out", async () => {
  const { agent, link, asked } = await challenged(pool());
  await answer(pool(), link, asked, { commit: withWrongDiagonal });
  expect(await historyOf(agent)).toEqual([["product-wrong", 0]]);
});

it("an agent that commits at once, and computes the rows it is asked for alone, is found out", async () => {
  const { agent, link, asked } = await challenged(pool());
  link.send({ type: "speed-commitment", id: asked.id, root: garbage(asked.challenge).root });
  const { indices } = await link.next("open-rows");
  link.send({ type: "opened-rows", id: asked.id, rows: present(honestCommitment(asked.challenge).open(indices)) });
  await link.next("rated");
  expect(await historyOf(agent)).toEqual([["row-not-committed", 0]]);
});

describe("an agent that answers late", () => {
  const ownWord = unprovenSlotSpeed("cpu", claimed, 1);

  it("is not heard any more", async () => {
    const { agent, link, asked } = await challenged(pool());
    pool().clock.advance(60_000);
    await link.next("rated");
    link.send({ type: "speed-commitment", id: asked.id, root: honestCommitment(asked.challenge).root });
    await allHeard(link);
    expect(link.unread("open-rows")).toBe(0);
    expect(await historyOf(agent)).toEqual([["late", ownWord]]);
  });

  it("with its rows, having committed in time, has not proven anything", async () => {
    const { agent, link, asked } = await challenged(pool());
    const commitment = honestCommitment(asked.challenge);
    link.send({ type: "speed-commitment", id: asked.id, root: commitment.root });
    const { indices } = await link.next("open-rows");
    pool().clock.advance(10_001); // sooner than a commitment would have been late
    expect(await link.next("rated")).toMatchObject({ reason: "late" });
    link.send({ type: "opened-rows", id: asked.id, rows: present(commitment.open(indices)) });
    await allHeard(link);
    expect(await historyOf(agent)).toEqual([["late", ownWord]]);
  });
});

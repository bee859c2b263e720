import { checkProduct, drawRows, type SpeedChallenge, type ToPool } from "@aegis-pool/core";
import { combineAndFold, primitives } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { openCores } from "../../src/devices/cores.js";
import type { LentDevice } from "../../src/devices/device.js";
import { ChallengeBudget } from "../../src/rating/challenge-budget.js";
import { SpeedProver } from "../../src/rating/speed-prover.js";

const lent = { slots: 2, cpuPercentPerSlot: 100, memoryBytesPerSlot: 128 * 1024 ** 2, wholeMachine: true };
let device: LentDevice | undefined;
beforeAll(async () => {
  device = await openCores(lent, {});
});
afterAll(() => device?.engines.close());

/** A prover whose messages the test reads one by one. */
function prover(flopsPerSecond = 1e10) {
  const sent: ToPool[] = [];
  const speeds = { fp32FlopsPerSecond: flopsPerSecond, memoryBytesPerSecond: 1e10 };
  const subject = new SpeedProver({
    device: present(device),
    speeds,
    send: (message) => void sent.push(message),
    onRated: () => undefined,
  });
  const next = async () => {
    await expect.poll(() => sent.length, { timeout: 60_000 }).toBeGreaterThan(0);
    return present(sent.shift());
  };
  return { subject, sent, next };
}

const challengeOf = (change: Partial<SpeedChallenge> = {}): SpeedChallenge => ({
  seed: primitives.randomBytes(32),
  size: 256,
  blocks: 2,
  steps: 5,
  ...change,
});
const id = new Uint8Array(16).fill(1);

describe("an agent that is challenged", () => {
  it("computes in its sandboxes, commits, and opens rows that hold", async () => {
    const { subject, next } = prover();
    const challenge = challengeOf();
    expect(subject.receive({ type: "speed-challenge", precision: "fp32", id, challenge })).toBe(true);
    const committed = await next();
    if (committed.type !== "speed-commitment") throw new Error(committed.type);
    const indices = drawRows(challenge, primitives);
    subject.receive({ type: "open-rows", id, indices });
    const opened = await next();
    if (opened.type !== "opened-rows") throw new Error(opened.type);
    const answer = { root: committed.root, indices, rows: opened.rows };
    expect(checkProduct(challenge, answer, { primitives, combineAndFold })).toBeUndefined();
  });

  it("opens rows once, of the challenge it was asked about, and none that do not exist", async () => {
    const { subject, sent, next } = prover();
    subject.receive({ type: "speed-challenge", precision: "fp32", id, challenge: challengeOf() });
    await next();
    subject.receive({ type: "open-rows", id: new Uint8Array(16), indices: [0] });
    expect(sent).toEqual([]);
    subject.receive({ type: "open-rows", id, indices: [0] });
    subject.receive({ type: "open-rows", id, indices: [1] });
    expect(sent.map(({ type }) => type)).toEqual(["opened-rows"]);
    sent.length = 0;
    subject.receive({ type: "speed-challenge", precision: "fp32", id, challenge: challengeOf() });
    await next();
    subject.receive({ type: "open-rows", id, indices: [512] });
    expect(sent).toEqual([]);
  });

  it.each([
    ["more cores than it lends", { blocks: 3 }],
    ["more memory than it lends", { size: 4_096 }],
    ["more time than is fair", { steps: 1_000_000 }],
  ])("does not compute what asks for %s", async (_what, change) => {
    const { subject, sent, next } = prover();
    subject.receive({ type: "speed-challenge", precision: "fp32", id, challenge: challengeOf(change) });
    // one that is fair is taken at once: nothing is under way
    subject.receive({
      type: "speed-challenge",
      precision: "fp32",
      id: new Uint8Array(16).fill(2),
      challenge: challengeOf(),
    });
    expect(await next()).toMatchObject({ type: "speed-commitment", id: new Uint8Array(16).fill(2) });
    expect(sent).toEqual([]);
  });

  it("does one challenge at a time", async () => {
    const { subject, sent, next } = prover();
    subject.receive({ type: "speed-challenge", precision: "fp32", id, challenge: challengeOf() });
    subject.receive({
      type: "speed-challenge",
      precision: "fp32",
      id: new Uint8Array(16).fill(2),
      challenge: challengeOf(),
    });
    expect(await next()).toMatchObject({ id });
    subject.receive({
      type: "speed-challenge",
      precision: "fp32",
      id: new Uint8Array(16).fill(3),
      challenge: challengeOf(),
    });
    expect(await next()).toMatchObject({ id: new Uint8Array(16).fill(3) });
    expect(sent).toEqual([]);
  });

  it("leaves all other messages to others", () => {
    expect(prover().subject.receive({ type: "revoke", number: 1, fence: 1, reason: "expired" })).toBe(false);
  });
});

describe("time for challenges", () => {
  it("is a minute at first, and then a little less than a fiftieth of the time that goes by", () => {
    const budget = new ChallengeBudget(0);
    expect(budget.spend(60_001, 0)).toBe(false);
    expect(budget.spend(60_000, 0)).toBe(true);
    expect(budget.spend(3_000, 157_000)).toBe(false);
    expect(budget.spend(3_000, 159_000)).toBe(true);
    expect(budget.spend(60_001, 1e9)).toBe(false);
    expect(budget.spend(Number.NaN, 1e9)).toBe(false);
  });

  it("that a challenge took beyond what it was estimated at is made up for, within a minute; what it did not is given back", () => {
    const budget = new ChallengeBudget(0);
    budget.spend(50_000, 0);
    budget.correct(50_000, 10_000);
    expect(budget.spend(50_001, 0)).toBe(false);
    expect(budget.spend(50_000, 0)).toBe(true);
    budget.correct(50_000, 3_600_000); // its owner had paused it
    expect(budget.spend(1, 60_000 / 0.019)).toBe(false);
    expect(budget.spend(1, 60_000 / 0.019 + 100)).toBe(true);
  });
});

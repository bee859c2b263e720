import {
  fromCbor,
  largeCommittee,
  memberTask,
  openRun,
  openStatement,
  parseNewRun,
  readStatement,
  reservation,
  type Signed,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { createRun, type NewRunOptions, PoolClient, readPlan } from "../../src/index.js";
import { StandInPool } from "./stand-in/pool.js";

let pool: StandInPool;
let client: PoolClient;
const account = createEd25519Signer();
beforeEach(async () => {
  pool = await StandInPool.start(0);
  client = await PoolClient.connect(pool.url);
});
afterEach(() => pool.stop());

const options: NewRunOptions = {
  participants: 6,
  rounds: 10,
  values: 100_000,
  plan: { name: "p", settings: [1] },
  account,
};
const asked = () => present(parseNewRun(present(pool.heard.find(({ path }) => path === "/v1/federated")).body));
const reserved = () => {
  const body = present(pool.heard.find(({ path }) => path.endsWith("/reserve"))).body;
  const text = (JSON.parse(Buffer.from(body).toString()) as { reservation: string }).reservation;
  return readStatement(reservation, fromCbor(Buffer.from(text, "base64url")) as Signed);
};

const fullDisk = () => Promise.reject(new Error("the disk is full"));

describe("who creates a run", () => {
  it("asks for it under terms that its own key has signed, and holds one invitation per seat", async () => {
    const { owned, invitations } = await createRun(client, options);
    const run = present(openRun(asked().terms, pool.key.publicKey, primitives));
    expect(run.terms).toMatchObject({
      participants: 6,
      floor: 5,
      groups: 1,
      rounds: 10,
      values: 100_000,
      uploadMs: 600_000,
    });
    expect(toHex(run.id)).toBe(toHex(owned.run));
    expect(toHex(run.terms.plan)).toBe(toHex(primitives.sha256(owned.plan)));
    expect(invitations.map(({ seat }) => toHex(seat.publicKey))).toEqual(asked().seats.map(toHex));
  });

  it("signs three tasks for each place of the committee, under numbers of their own", async () => {
    const { owned } = await createRun(client, { ...options, committee: largeCommittee });
    const tasks = asked().tasks.map((task) =>
      present(openStatement(memberTask, task, owned.key.publicKey, primitives)),
    );
    expect(tasks).toHaveLength(21);
    expect(new Set(tasks.map(({ number }) => number)).size).toBe(21);
  });

  it("hands out a plan with a secret that no two runs share", async () => {
    const [first, second] = [await createRun(client, options), await createRun(client, options)];
    expect(readPlan(first.owned.plan)).toEqual({ name: "p", settings: [1] });
    expect(toHex(first.owned.plan)).not.toBe(toHex(second.owned.plan));
  });

  it("sets aside what all members may be paid, and says how much", async () => {
    const created = await createRun(client, { ...options, maxPrice: 1_000n });
    // six uploads and three masks of each, 100,000 values, ten rounds: 24 million additions, 8,000 µSCU-seconds a member
    expect(created.reserved).toBe(4n * 8n);
    expect(reserved()).toMatchObject({ amount: "32", job: created.owned.key.publicKey });
  });

  it("keeps the files before money moves, and where they cannot be kept none does", async () => {
    await expect(createRun(client, { ...options, keep: fullDisk })).rejects.toThrow("the disk is full");
    expect(pool.heard.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it.each<[string, Partial<NewRunOptions>, string]>([
    ["too few seats", { participants: 4 }, "bad-argument"],
    ["a floor that groups do not reach", { groups: 2 }, "bad-argument"],
    ["a floor below five", { floor: 4 }, "bad-argument"],
    ["no round", { rounds: 0 }, "bad-argument"],
    ["too many values", { values: 2 ** 26 + 1 }, "bad-argument"],
    ["no price", { maxPrice: 0n }, "bad-argument"],
    ["a plan that is too long", { plan: { name: "p", settings: "x".repeat(70_000) } }, "bad-argument"],
    ["a budget below what members may be paid", { budget: 1n }, "budget-exceeded"],
  ])("is refused with %s, before the pool hears of it", async (_what, change, code) => {
    await expect(createRun(client, { ...options, ...change })).rejects.toMatchObject({ code });
    expect(pool.heard.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

import { createHash, randomBytes } from "node:crypto";
import { fromCbor, mostPayoutChanges, payoutDelayMs, type PayoutChange, toCbor, toHex } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import type pg from "pg";
import { describe, expect, it } from "vitest";
import { Payouts } from "../../src/services/payouts.js";
import { TransparencyLog } from "../../src/services/transparency-log.js";
import { sharedBooks } from "../ledger/open-ledger.js";

const emptyBooks = sharedBooks();
const start = () => 1_000;
const none = "0".repeat(40);

/** A pool's payout addresses, and an operator who has earned something and names some. */
class Scene {
  now = 1_000;
  readonly operator = randomBytes(32);
  readonly told: PayoutChange[] = [];
  readonly database: pg.Pool;
  readonly log: TransparencyLog;
  payouts: Payouts;

  private constructor(database: pg.Pool, log: TransparencyLog) {
    this.database = database;
    this.log = log;
    this.payouts = this.restarted();
  }

  static async open({ earned = true } = {}): Promise<Scene> {
    const database = await emptyBooks();
    const log = await TransparencyLog.open({ database, signer: createEd25519Signer(), primitives, clock: start });
    const scene = new Scene(database, log);
    const account = `operator:${toHex(scene.operator)}`;
    if (earned) await database.query("INSERT INTO accounts (name) VALUES ($1)", [account]);
    return scene;
  }

  restarted(): Payouts {
    const payouts = new Payouts({ database: this.database, log: this.log, primitives, clock: () => this.now });
    payouts.onPending = (_operator, change) => this.told.push(change);
    return payouts;
  }

  /** Asks for an address; @returns the signed bytes, which the service takes as they are */
  async ask(sequence: number, address: Uint8Array = randomBytes(20)) {
    const signed = { body: toCbor({ address, sequence }), signature: new Uint8Array(64) };
    await this.payouts.change({ account: this.operator, address, sequence }, signed);
    return signed;
  }
}

describe("a change of payout address", () => {
  it("takes effect after its delay, also when the pool was started again meanwhile", async () => {
    const scene = await Scene.open();
    const address = randomBytes(20);
    await scene.ask(1, address);
    expect(await scene.payouts.of(scene.operator)).toMatchObject({ address: none, pending: { sequence: 1 } });
    scene.now += payoutDelayMs;
    expect(await scene.restarted().of(scene.operator)).toMatchObject({
      ...{ address: address.toString("hex"), sequence: 1, pending: undefined },
    });
  });

  it("takes effect at once where it is the first of an operator that has earned nothing, and is told all the same", async () => {
    const scene = await Scene.open({ earned: false });
    const address = randomBytes(20);
    await scene.ask(1, address);
    expect(await scene.payouts.of(scene.operator)).toMatchObject({ address: toHex(address), pending: undefined });
    expect(scene.told).toMatchObject([{ sequence: 1, atOnce: true }]);
    await scene.ask(2);
    expect(await scene.payouts.of(scene.operator)).toMatchObject({ address: toHex(address), pending: { sequence: 2 } });
  });

  it("is in the log by its hash alone, where it is said to be", async () => {
    const scene = await Scene.open();
    const signed = await scene.ask(1);
    const { logIndex } = await scene.payouts.of(scene.operator);
    const [entry] = await scene.log.entries(logIndex ?? -1, 1);
    const change = createHash("sha256").update(toCbor(signed)).digest();
    expect(fromCbor(entry ?? new Uint8Array())).toEqual({ kind: "payout", change: new Uint8Array(change) });
  });

  it("is taken once of many that are sent at the same time", async () => {
    const scene = await Scene.open();
    // Connections take a while to open: with them open, the ten truly ask at the same time.
    await Promise.all(Array.from({ length: 10 }, () => scene.database.query("SELECT 1")));
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => scene.ask(1)));
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(refused).toHaveLength(9);
    expect(refused[0]).toMatchObject({ code: "out-of-turn", message: expect.stringContaining("was 1") as string });
    expect(scene.told).toHaveLength(1);
  });

  it("that is sent twice is taken once", async () => {
    const scene = await Scene.open();
    const address = randomBytes(20);
    await scene.ask(1, address);
    const size = scene.log.size;
    await scene.ask(1, address);
    expect([scene.log.size, scene.told.length]).toEqual([size, 1]);
  });

  it("is told to those who listen, unless it takes one back", async () => {
    const scene = await Scene.open();
    await scene.ask(1);
    await scene.ask(2, new Uint8Array(20));
    expect(scene.told).toMatchObject([{ sequence: 1, askedAt: 1_000 }]);
  });

  it("is refused when there were too many of late", async () => {
    const scene = await Scene.open();
    for (let sequence = 1; sequence <= mostPayoutChanges; sequence++) await scene.ask(sequence);
    await expect(scene.ask(mostPayoutChanges + 1)).rejects.toMatchObject({ code: "too-many" });
  });
});

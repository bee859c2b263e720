import { randomBytes } from "node:crypto";
import { mostNotices, noticeMs, tierGraceMs, tierTerms, toHex } from "@aegis-pool/core";
import type pg from "pg";
import { describe, expect, it } from "vitest";
import { Bonds } from "../../src/services/bonds/bonds.js";
import { Tiers } from "../../src/services/bonds/tiers.js";
import { GroupCommit } from "../../src/services/group-commit.js";
import { Ledger } from "../../src/services/ledger.js";
import type { AgentSession } from "../../src/services/market/live.js";
import { sharedBooks } from "../ledger/open-ledger.js";

const emptyBooks = sharedBooks();

/** A pool's bonds, and an operator with 1,000 nAIS to play with. */
class Scene {
  now = 1_000;
  readonly operator = randomBytes(32);
  readonly name = toHex(this.operator);
  readonly sessions = new Map<string, AgentSession>();
  readonly bonded = new Map<string, boolean>();
  readonly database: pg.Pool;
  readonly ledger: Ledger;
  readonly bonds: Bonds;

  private constructor(database: pg.Pool) {
    this.database = database;
    const clock = () => this.now;
    const commit = new GroupCommit(database, () => undefined);
    this.ledger = new Ledger({ database, commit, clock, testMoney: true });
    this.bonds = new Bonds({ database, ledger: this.ledger, clock });
  }

  static async open(amount = 1_000n): Promise<Scene> {
    const scene = new Scene(await emptyBooks());
    await scene.ledger.fund({ account: scene.operator, amount: String(amount), key: randomBytes(16) });
    await scene.ledger.bond({ ...scene.asked(amount), from: "requester" });
    return scene;
  }

  asked(amount: bigint, key = randomBytes(16)) {
    return { account: this.operator, amount: String(amount), key };
  }

  /** The tiers as a pool that has just been started sees them. */
  tiers(): Tiers {
    const market = { sessions: this.sessions, bonded: { set: this.bonded.set.bind(this.bonded) } };
    return new Tiers({ database: this.database, market: market as never, clock: () => this.now });
  }

  /** One agent of the operator, with two slots that have proven so many µSCU together. */
  connect(provenSpeed: number): void {
    const session = { operatorKey: this.operator, provenSpeed: provenSpeed / 2, offer: { slots: 2 } };
    this.sessions.set("agent", session as never);
  }
}

describe("a bond", () => {
  it("of which notice has been given counts no longer, and is paid out after two weeks, once", async () => {
    const scene = await Scene.open();
    await scene.bonds.giveNotice(scene.asked(400n));
    expect(await scene.bonds.of(scene.operator)).toMatchObject({ bond: 1_000n, counting: 600n });
    scene.now += noticeMs - 1;
    expect(await scene.bonds.of(scene.operator)).toMatchObject({ bond: 1_000n, counting: 600n });
    scene.now += 1;
    expect(await scene.bonds.of(scene.operator)).toEqual({ bond: 600n, counting: 600n, notices: [] });
    await scene.bonds.payDue();
    expect(await scene.ledger.balance(`operator:${scene.name}`)).toBe(400n);
  });

  it("is paid out once though the pool was killed between the payment and its note", async () => {
    const scene = await Scene.open();
    const asked = scene.asked(700n);
    await scene.bonds.giveNotice(asked);
    scene.now += noticeMs;
    await scene.ledger.unbond(scene.name, 700n, toHex(asked.key));
    expect(await scene.bonds.of(scene.operator)).toEqual({ bond: 300n, counting: 300n, notices: [] });
  });

  it("is not given notice of beyond what counts, also by many who ask at the same time", async () => {
    const scene = await Scene.open();
    // Connections take a while to open: with them open, the ten truly ask at the same time.
    await Promise.all(Array.from({ length: 10 }, () => scene.database.query("SELECT 1")));
    const asked = Array.from({ length: 10 }, () => scene.bonds.giveNotice(scene.asked(300n)));
    const answers = await Promise.allSettled(asked);
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(refused).toHaveLength(7);
    expect(refused[0]).toMatchObject({
      code: "insufficient-funds",
      message: expect.stringContaining("100 nAIS") as string,
    });
  });

  it("has a bounded number of notices", async () => {
    const scene = await Scene.open();
    for (let count = 0; count < mostNotices; count++) await scene.bonds.giveNotice(scene.asked(1n));
    await expect(scene.bonds.giveNotice(scene.asked(1n))).rejects.toMatchObject({ code: "too-many" });
  });

  it("keeps one notice for one key, whatever it is sent again with", async () => {
    const scene = await Scene.open();
    const asked = scene.asked(400n);
    await scene.bonds.giveNotice(asked);
    await scene.bonds.giveNotice(asked);
    await expect(scene.bonds.giveNotice({ ...asked, amount: "5" })).rejects.toMatchObject({ code: "transfer-refused" });
    expect((await scene.bonds.of(scene.operator)).notices).toMatchObject([{ amount: 400n }]);
  });

  it("whose notice is taken back counts again, until it was paid out", async () => {
    const scene = await Scene.open();
    const asked = scene.asked(400n);
    await scene.bonds.giveNotice(asked);
    await scene.bonds.cancelNotice(scene.operator, asked.key);
    expect(await scene.bonds.of(scene.operator)).toEqual({ bond: 1_000n, counting: 1_000n, notices: [] });
    const later = scene.asked(100n);
    await scene.bonds.giveNotice(later);
    scene.now += noticeMs;
    await scene.bonds.payDue();
    await expect(scene.bonds.cancelNotice(scene.operator, later.key)).rejects.toMatchObject({ code: "not-found" });
    await expect(scene.bonds.cancelNotice(randomBytes(32), later.key)).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("an operator", () => {
  const { provenSpeed, bond } = tierTerms("bonded");

  it("with enough bond and proven speed is bonded, and the market is told", async () => {
    const scene = await Scene.open(bond);
    const tiers = scene.tiers();
    await tiers.refresh();
    expect([tiers.of(scene.name).state.tier, scene.bonded.get(scene.name)]).toEqual(["none", false]);
    scene.connect(provenSpeed);
    await tiers.refresh();
    expect([tiers.of(scene.name).state.tier, scene.bonded.get(scene.name)]).toEqual(["bonded", true]);
    expect(tiers.counts()).toEqual(new Map([["bonded", 1]]));
  });

  it("keeps the tier for seven days without its machines, also over a restart of the pool", async () => {
    const scene = await Scene.open(bond);
    scene.connect(provenSpeed);
    await scene.tiers().refresh();
    scene.sessions.clear();
    await scene.tiers().refresh();
    scene.now += tierGraceMs - 1;
    await scene.tiers().refresh();
    expect(scene.bonded.get(scene.name)).toBe(true);
    scene.now += 1;
    await scene.tiers().refresh();
    expect(scene.bonded.get(scene.name)).toBe(false);
  });

  it("who gives notice of its bond has the tier for seven days more", async () => {
    const scene = await Scene.open(bond);
    scene.connect(provenSpeed);
    const tiers = scene.tiers();
    await tiers.refresh();
    await scene.bonds.giveNotice(scene.asked(bond));
    await tiers.refresh();
    expect(tiers.of(scene.name)).toMatchObject({
      state: { tier: "bonded", belowSince: 1_000 },
      standing: { bond: 0n },
    });
    scene.now += tierGraceMs;
    await tiers.refresh();
    expect(tiers.of(scene.name).state.tier).toBe("none");
  });

  it("without a bond has no tier, whatever it has proven", async () => {
    const scene = await Scene.open(1n);
    scene.connect(100 * provenSpeed);
    const tiers = scene.tiers();
    await tiers.refresh();
    expect(tiers.of(scene.name)).toMatchObject({
      state: { tier: "none" },
      standing: { provenSpeed: 100 * provenSpeed },
    });
  });
});

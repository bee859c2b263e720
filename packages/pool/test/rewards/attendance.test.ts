import { rewardDefaults } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { Attendance } from "../../src/services/rewards/attendance.js";
import type { AgentSession } from "../../src/services/market/live.js";
import type { AttendanceRow } from "../../src/store/epoch-rows.js";

const agent = "a1".repeat(32);

/** An agent of two slots that have proven 1 SCU each, and what is written of it; `change` is what else is so. */
class Scene {
  readonly session: AgentSession;
  readonly sessions = new Map<string, AgentSession>();
  readonly attendance: Attendance;
  readonly written: AttendanceRow[] = [];
  leftAlone = false;

  constructor(change: object = {}) {
    const key = Buffer.from(agent, "hex");
    const proven = { slotSpeed: 1_000_000, provenSpeed: 1_000_000, wanted: 1 };
    const offer = { floorPrice: "3000", slots: 2 };
    this.session = { id: agent, key, operatorKey: key, offer, ...proven, ...change } as never;
    this.sessions.set(agent, this.session);
    const submit = async (_: unknown, row: AttendanceRow) => void this.written.push(row);
    const parts = { sessions: this.sessions, commit: { submit }, isLeftAlone: () => this.leftAlone } as never;
    const begun = { epoch: 7, now: 0, referencePrice: 3_000, before: [] };
    this.attendance = new Attendance({ ...(parts as object), parameters: rewardDefaults } as never, begun);
  }

  async rows(): Promise<readonly Partial<AttendanceRow>[]> {
    await this.attendance.write();
    return this.written;
  }
}

describe("what an agent was good for", () => {
  it("is counted by its proven speed, or by that of its real work where this is slower", async () => {
    const [proven, slower] = [new Scene(), new Scene({ slotSpeed: 400_000 })];
    for (const { attendance } of [proven, slower]) attendance.look(10_000, 7);
    expect(await proven.rows()).toMatchObject([{ epoch: 7, connected: 20_000_000, available: 20_000_000 }]);
    expect(await slower.rows()).toMatchObject([{ connected: 8_000_000 }]);
  });

  it("is nothing without a proof, whatever a slot counts for", async () => {
    const scene = new Scene({ provenSpeed: 0 });
    scene.attendance.look(10_000, 7);
    expect(await scene.rows()).toEqual([]);
  });

  it.each<[string, object, boolean]>([
    ["asks for too much", { offer: { floorPrice: "3750", slots: 2 } }, false],
    ["asks for no work", { wanted: 0 }, false],
    ["has failed of late", {}, true],
  ])("is connected, and not available, while it %s", async (_, change, leftAlone) => {
    const scene = new Scene(change);
    scene.leftAlone = leftAlone;
    scene.attendance.look(10_000, 7);
    expect(await scene.rows()).toMatchObject([{ connected: 20_000_000, available: 0 }]);
  });

  it("counts less by how far its floor is above the reference price at each look", async () => {
    const scene = new Scene({ offer: { floorPrice: "3250", slots: 2 } });
    scene.attendance.look(10_000, 7);
    scene.attendance.referencePrice = 3_250;
    scene.attendance.look(20_000, 7);
    scene.attendance.referencePrice = 2_925;
    scene.attendance.look(30_000, 7);
    const [row] = await scene.rows();
    expect(row).toMatchObject({ connected: 60_000_000 });
    expect(row?.available).toBe(13_333_333 + 20_000_000 + 11_111_111);
  });

  it("counts nothing for a quarter of an hour after each miss but the first, into the next epoch if need be", async () => {
    const scene = new Scene();
    let now = 0;
    const look = (epoch = 7) => scene.attendance.look((now += 30_000), epoch);
    scene.attendance.missed(agent, 1);
    look();
    expect((await scene.rows()).at(-1)).toMatchObject({ missed: 1, available: 60_000_000 });
    scene.attendance.missed(agent, 1);
    for (let looks = 0; looks < 15; looks++) look();
    scene.attendance.missed(agent, 1); // half of the way: a quarter of an hour from here
    look(8);
    expect((await scene.rows()).at(-1)).toMatchObject({ epoch: 7, missed: 3, available: 60_000_000 });
    for (let looks = 0; looks < 29; looks++) look(8);
    expect((await scene.rows()).at(-1)).toMatchObject({ epoch: 8, connected: 1_740_000_000, available: 0 });
    look(8);
    expect((await scene.rows()).at(-1)).toMatchObject({ epoch: 8, missed: 0, available: 60_000_000 });
  });

  it("belongs to the epoch that is over up to the look that begins another", async () => {
    const scene = new Scene();
    scene.attendance.look(10_000, 8);
    scene.attendance.look(15_000, 7); // a clock that was set back by an epoch begins none
    expect(await scene.rows()).toMatchObject([
      { epoch: 7, connected: 20_000_000 },
      { epoch: 8, connected: 10_000_000 },
    ]);
  });

  it("has one miss by the first loss of a connection, all that is lost by the next, and by refusals each", async () => {
    const scene = new Scene();
    scene.attendance.missed(agent, 5, true);
    scene.attendance.missed(agent, 4, true);
    scene.attendance.missed(agent, 1);
    scene.attendance.offered(agent);
    expect(await scene.rows()).toMatchObject([{ missed: 6, offered: 1 }]);
  });
});

import type { Procedure, ToPool } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommitteeMember, Meddling } from "../fixtures/committee-member.js";
import { type FederatedSetting, federatedSetting, wholeStep } from "../fixtures/federated.js";
import { startTestPool, type TestPool } from "../fixtures/test-pool.js";

/** So short that a test need not move the pool's clock far. */
const patience = { memberMs: 20_000, revealMs: 1_000, enrolAgainMs: 1_000 };

let pool: TestPool;
let setting: FederatedSetting;
let ticking: NodeJS.Timeout;

beforeEach(async () => {
  pool = await startTestPool("off", { committeeTrust: 0, runPatience: patience });
  // the pool's clock goes twice as fast as ours
  ticking = setInterval(() => pool.clock.advance(200), 100);
});

afterEach(async () => {
  clearInterval(ticking);
  await setting.stop();
  await pool.stop();
});

function* adding(own: number, rounds = 3): Procedure<number[]> {
  const totals: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const sums = yield wholeStep(`round ${round}`, [own, totals.length]);
    totals.push(sums.reduce((all, { parts }) => all + (parts[0]?.[0] ?? 0), 0));
  }
  return totals;
}

const joinAll = (rounds = 3, places = [0, 1, 2, 3, 4, 5]) =>
  Promise.all(places.map((place) => setting.join(place, adding(place + 1, rounds))));
const six = (totals: readonly number[]) => Array.from({ length: 6 }, () => totals);

/** Does `act` once, when the first member that says a message of this type says it. */
function whenSaid(type: ToPool["type"], act: (member: CommitteeMember) => "said" | "unsaid"): void {
  let isDone = false;
  for (const member of setting.members) {
    const says: Meddling["says"] = (message) => {
      if (isDone || message.type !== type) return message;
      isDone = true;
      return act(member) === "said" ? message : undefined;
    };
    member.meddling = { says };
  }
}

describe("a federated run goes on", () => {
  const steps = [
    "committee-keys",
    "committee-checked",
    "committee-verdict",
    "committee-answered",
    "committee-sum",
  ] as const;
  for (const step of steps) {
    it(`when a member loses its process before it says ${step}`, async () => {
      setting = await federatedSetting(pool, { participants: 6, agents: 6 });
      whenSaid(step, (member) => {
        void member.restart();
        return "unsaid";
      });
      expect(await joinAll()).toEqual(six([21, 21, 21]));
    });
  }

  it("when a member loses its connection, and keeps its keys", async () => {
    setting = await federatedSetting(pool, { participants: 6 });
    whenSaid("committee-answered", (member) => {
      void member.disconnect().then(() => member.connect());
      return "unsaid";
    });
    expect(await joinAll()).toEqual(six([21, 21, 21]));
  });

  it("when the pool is stopped and started again between any two steps of a sum", async () => {
    setting = await federatedSetting(pool, { participants: 6, rounds: 10 });
    let restarted = Promise.resolve();
    const said = new Set<string>();
    for (const member of setting.members) {
      const says: Meddling["says"] = (message) => {
        if (said.has(message.type) || said.size >= steps.length) return message;
        said.add(message.type);
        restarted = restarted.then(restartPool);
        return message;
      };
      member.meddling = { says };
    }
    expect(await joinAll(6)).toEqual(six([21, 21, 21, 21, 21, 21]));
    expect(said.size).toBeGreaterThan(3);
    await restarted;
  });

  it("without participants that stop, and with them again when they come back", async () => {
    setting = await federatedSetting(pool, { participants: 6, rounds: 10, uploadMs: 1_000 });
    const leaving = new AbortController();
    const gone = setting
      .join(5, adding(6), {
        signal: leaving.signal,
        onEvent: ({ type }) => type === "summed" && leaving.abort(),
      })
      .catch((error: unknown) => error);
    const others = joinAll(3, [0, 1, 2, 3, 4]);
    expect(await gone).toMatchObject({ code: "cancelled" });
    expect(await others).toEqual(Array.from({ length: 5 }, () => [21, 15, 15]));
    // what it missed it takes from the sums that are there
    expect(await setting.join(5, adding(6))).toEqual([21, 15, 15]);
  });

  it("with a new draw when a participant does not show its part, without that participant", async () => {
    setting = await federatedSetting(pool, { participants: 6 });
    const silent = new AbortController();
    const withheld = setting
      .join(5, adding(6), {
        signal: silent.signal,
        onEvent: ({ type }) => type === "enrolled" && silent.abort(),
      })
      .catch((error: unknown) => error);
    const others = joinAll(3, [0, 1, 2, 3, 4]);
    expect(await withheld).toMatchObject({ code: "cancelled" });
    expect(await others).toEqual(Array.from({ length: 5 }, () => [15, 15, 15]));
  });
});

async function restartPool(): Promise<void> {
  await pool.restart();
  await Promise.all(setting.members.map((member) => member.connect()));
}

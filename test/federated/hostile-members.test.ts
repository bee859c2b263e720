import { memberKeys, type Procedure, readStatement, signStatement, type ToPool } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommitteeMember } from "../fixtures/committee-member.js";
import { type FederatedSetting, federatedSetting, wholeStep } from "../fixtures/federated.js";
import { present } from "../fixtures/present.js";
import { startTestPool, type TestPool } from "../fixtures/test-pool.js";

let pool: TestPool;
let setting: FederatedSetting;
let ticking: NodeJS.Timeout;

beforeEach(async () => {
  pool = await startTestPool("off", { committeeTrust: 0, runPatience: { memberMs: 6_000 } });
  ticking = setInterval(() => pool.clock.advance(200), 100);
  setting = await federatedSetting(pool, { participants: 6, agents: 6 });
});

afterEach(async () => {
  clearInterval(ticking);
  await setting.stop();
  await pool.stop();
});

function* adding(own: number): Procedure<number[]> {
  const totals: number[] = [];
  for (let round = 1; round <= 2; round++) {
    const sums = yield wholeStep(`round ${round}`, [own, round]);
    totals.push(sums.reduce((all, { parts }) => all + (parts[0]?.[0] ?? 0), 0));
  }
  return totals;
}

const all = () => Promise.all([1, 2, 3, 4, 5, 6].map((own, place) => setting.join(place, adding(own))));
const right = Array.from({ length: 6 }, () => [21, 21]);

type Said<T> = Extract<ToPool, { type: T }>;

/** The first member that says a message of this type always says what `bend` makes of it. */
function oneBends<T extends ToPool["type"]>(
  type: T,
  bend: (message: Said<T>, member: CommitteeMember) => ToPool | undefined,
): void {
  let hostile: CommitteeMember | undefined;
  for (const member of setting.members) {
    const says = (message: ToPool) => {
      if (message.type !== type) return message;
      hostile ??= member;
      return hostile === member ? bend(message as Said<T>, member) : message;
    };
    member.meddling = { says };
  }
}

describe("one member cannot end a run", () => {
  it("by a key that nothing can be sealed to", async () => {
    oneBends("committee-keys", (message, { agent }) => {
      const keys = present(readStatement(memberKeys, message.keys));
      return { ...message, keys: signStatement(memberKeys, { ...keys, hpke: new Uint8Array(32) }, agent.keys.agent) };
    });
    expect(await all()).toEqual(right);
  });

  it("by complaining of every upload", async () => {
    oneBends("committee-checked", (message) => ({
      ...message,
      usable: [],
      unusable: [...message.usable, ...message.unusable],
    }));
    expect(await all()).toEqual(right);
  });

  it("by making no keys, and sending them when it has been passed over", async () => {
    const kept: { readonly member: CommitteeMember; readonly message: ToPool }[] = [];
    oneBends("committee-keys", (message, member) => {
      kept.push({ member, message });
      return undefined;
    });
    // from just before its time is over, again and again
    let sending: NodeJS.Timeout | undefined;
    const sendAll = () => kept.forEach(({ member, message }) => member.say(message));
    const patience = setTimeout(() => (sending = setInterval(sendAll, 1)), 2_800);
    const ended = await all();
    clearTimeout(patience);
    clearInterval(sending);
    expect(ended).toEqual(right);
  });

  it("by saying nothing any more once uploads are there", async () => {
    oneBends("committee-checked", () => undefined);
    expect(await all()).toEqual(right);
  });
});

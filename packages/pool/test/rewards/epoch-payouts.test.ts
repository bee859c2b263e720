import { toHex } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { earlierPayouts, payoutAddress, RewardedPool } from "./rewarded-pool.js";

let rewarded: RewardedPool;
beforeEach(async () => {
  rewarded = await RewardedPool.start();
});
afterEach(() => rewarded.stop());

const address = payoutAddress.slice(2).toLowerCase();

/** As if notice of so much of an operator's bond had been given two weeks ago. */
function givenBack(operator: string, amount: bigint): string {
  return `WITH ids AS (SELECT (SELECT id FROM accounts WHERE name = 'bond:${operator}') AS bond,
      (SELECT id FROM accounts WHERE name = 'operator:${operator}') AS operator),
    paid AS (INSERT INTO transfers (debit, kind, key, credit, amount, at) SELECT bond, 6, '\\x01', operator, ${amount}, 0 FROM ids)
    UPDATE balances SET balance = balance + CASE account WHEN bond THEN -${amount} ELSE ${amount} END FROM ids
    WHERE account IN (bond, operator)`;
}

const claimableOf = async () => (await rewarded.pool.client.books()).totals.get("claimable") ?? 0n;

describe("at the end of an epoch", () => {
  it("what an operator has earned goes to its address, where all epochs together can be claimed", async () => {
    const agent = await rewarded.payableAgent();
    const { reward } = await rewarded.work(agent);
    rewarded.endEpoch();
    const first = await rewarded.closed();
    expect(first.totals.claimable.get(address)).toBe(first.totals.earned.get(agent.operator));
    expect(await rewarded.accountOf(agent).balance("operator")).toBe(0n);
    const more = await rewarded.work(agent);
    rewarded.endEpoch();
    const { totals, statement, rows } = await rewarded.closed(first);
    expect(totals.claimable.get(address)).toBe(totals.earned.get(agent.operator));
    expect(BigInt(statement.claimable)).toBeGreaterThanOrEqual(reward + more.reward);
    expect([rows.payout, String(await claimableOf())]).toEqual([1, statement.claimable]);
    expect(await rewarded.inAllAccounts()).toBe(0n);
  });

  it("earnings stay in the account while no address is in effect, and goes to the new one after the old", async () => {
    const agent = await rewarded.provenAgent();
    await rewarded.ready(agent);
    await rewarded.here(agent, 300);
    rewarded.endEpoch();
    const zeroth = await rewarded.closed(); // something is earned: from now on no address takes effect at once
    await rewarded.accountOf(agent).setPayout(payoutAddress);
    const { reward } = await rewarded.work(agent);
    rewarded.endEpoch();
    const first = await rewarded.closed(zeroth);
    expect([first.rows.payout, first.totals.claimable.size, toHex(first.statement.claims)]).toEqual([
      0,
      0,
      "00".repeat(32),
    ]);
    expect(await rewarded.accountOf(agent).balance("operator")).toBeGreaterThanOrEqual(reward);
    await rewarded.pool.restart(earlierPayouts);
    await rewarded.ready(agent);
    await rewarded.work(agent);
    rewarded.endEpoch();
    const second = await rewarded.closed(first);
    expect([...second.totals.claimable.keys()]).toEqual([address]);
    await rewarded.accountOf(agent).setPayout(undefined);
    await rewarded.pool.restart(earlierPayouts);
    await rewarded.ready(agent);
    await rewarded.work(agent);
    rewarded.endEpoch();
    const third = await rewarded.closed(second);
    expect(third.totals.claimable).toEqual(second.totals.claimable);
  });

  it("a part of it goes into the operator's bond first, where that was asked for, until the bond is large enough", async () => {
    const agent = await rewarded.payableAgent();
    const account = rewarded.accountOf(agent);
    expect((await account.vestBond(50, 10n ** 12n)).vesting).toEqual({ percent: 50, target: 10n ** 12n });
    await rewarded.here(agent, 300);
    rewarded.endEpoch();
    const { totals } = await rewarded.closed();
    const earned = totals.earned.get(agent.operator) ?? 0n;
    const { bond } = await account.bond();
    expect([bond, totals.claimable.get(address)]).toEqual([earned / 2n, earned - earned / 2n]);
    expect(await rewarded.inAllAccounts()).toBe(0n);
  });

  it("neither what is in a bond is paid out, nor a bond that was bought and given back: no more than it has earned", async () => {
    const agent = await rewarded.provenAgent();
    const account = rewarded.accountOf(agent);
    await rewarded.ready(agent);
    await rewarded.here(agent, 300);
    rewarded.endEpoch();
    const first = await rewarded.closed();
    const earned = await account.balance("operator");
    await account.setPayout(payoutAddress);
    await account.putBond(earned - 1n);
    await account.fund(2n * earned);
    await account.putBond(2n * earned, "requester");
    rewarded.endEpoch();
    await rewarded.pool.restart(`${earlierPayouts}; ${givenBack(agent.operator, 2n * earned)}`);
    const second = await rewarded.closed(first);
    await rewarded.ready(agent);
    await rewarded.here(agent, 300);
    rewarded.endEpoch();
    const { totals } = await rewarded.closed(second);
    expect(totals.claimable.get(address)).toBe(totals.earned.get(agent.operator));
    expect([(await account.bond()).bond, await account.balance("operator")]).toEqual([earned - 1n, earned + 1n]);
    expect(await rewarded.inAllAccounts()).toBe(0n);
  });

  it("the addresses' lines can be had alone, with the pool's word on them", async () => {
    const agent = await rewarded.payableAgent();
    await rewarded.work(agent);
    rewarded.endEpoch();
    const { header, statement } = await rewarded.closed();
    const answer = await fetch(`${rewarded.pool.url}/v1/epochs/${header.epoch}/claims`);
    const [line, signed, ...rest] = (await answer.text())
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text) as object);
    expect(line).toEqual({ address, claimable: statement.claimable });
    expect([Object.keys(signed ?? {}), rest]).toEqual([["statement"], []]);
  });
});

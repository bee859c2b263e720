import { nanoAisPerAis } from "../units/money.js";

/**
 * Accounts of which each belongs to a key: an Ed25519 key of a person, or for escrow that of a job. What an operator's agents have done
 * that is not final yet is in `held`. `claimable` belongs to an address on chain, where it can be claimed: it is never less than before.
 */
export const keyedAccounts = ["requester", "operator", "bond", "escrow", "held", "claimable"] as const;
/** Accounts of which a pool has one. */
export const poolAccounts = ["fees", "burned", "emission", "test-money", "deposited"] as const;

export type AccountKind = (typeof keyedAccounts)[number] | (typeof poolAccounts)[number];

/** An account's name: its kind, and the key that it belongs to in hexadecimal. */
export type AccountOf<K extends (typeof keyedAccounts)[number]> = `${K}:${string}`;
export type Account = AccountOf<(typeof keyedAccounts)[number]> | (typeof poolAccounts)[number];

/**
 * What can ever be issued, in nAIS: 20 of 100 million AIS as emission; the rest is all that a pool lends out to play with. What was paid in on a
 * chain is no more than all AIS that there can be: what says otherwise is no AIS.
 */
export const issueLimits = {
  emission: 20_000_000n * nanoAisPerAis,
  "test-money": 80_000_000n * nanoAisPerAis,
  deposited: 100_000_000n * nanoAisPerAis,
} as const;

/** One amount in a ledger, in nAIS: what PostgreSQL's bigint holds. */
export const largestAmount = 2n ** 63n - 1n;

/** The lowest balance that an account may have, in nAIS: money is issued by going below zero, and in no other way. */
export function floorOf(account: Account): bigint {
  return Object.hasOwn(issueLimits, account) ? -issueLimits[account as keyof typeof issueLimits] : 0n;
}

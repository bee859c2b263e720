import { AegisError, equalBytes, formatAis, fromHex, toHex } from "@aegis-pool/core";
import type { Claim, ClaimAnswer, Distributor, EvmKey } from "@aegis-pool/chain";
import type { EpochClaims } from "@aegis-pool/sdk";

/** What an address can claim, as the root on chain has it. */
export interface Claimable {
  readonly epoch: number;
  readonly claim: Claim;
  /** nAIS that it has claimed before. */
  readonly claimed: bigint;
}

/**
 * What an address can claim.
 * @param claimsOf what can be claimed by an epoch of a pool, by its key in hexadecimal: must be what the root on chain was made of
 * @throws {AegisError} `not-found` where nothing is posted, or was ever paid out to the address; `epoch-refused` where another root is posted
 */
export async function claimableBy(
  account: `0x${string}`,
  distributor: Distributor,
  claimsOf: (epoch: number, pool: string) => Promise<EpochClaims>,
): Promise<Claimable> {
  const { root, epoch, pool } = await distributor.state();
  const posted = fromHex(root.slice(2));
  if (!posted || posted.every((byte) => byte === 0)) throw notPosted();
  const claims = await claimsOf(Number(epoch), pool);
  if (!equalBytes(claims.root, posted)) throw otherRoot(claims, root, Number(epoch));
  return { epoch: claims.epoch, claim: claimIn(claims, account), claimed: await distributor.claimed(account) };
}

/** @throws {AegisError} `chain-refused` where another root was posted meanwhile */
export async function sendClaim(distributor: Distributor, key: EvmKey, { claim }: Claimable): Promise<ClaimAnswer> {
  const answer = await distributor.claim(key, claim);
  if ("refused" in answer && answer.refused === "root-changed") throw rootChanged();
  return answer;
}

/** What can be claimed, with its proof. */
export function describeClaimable({ claim, claimed }: Claimable): string {
  const { account, cumulative, root, proof } = claim;
  return [
    `${account} can claim ${formatAis(cumulative - claimed)}: ${formatAis(cumulative)} in all less ${formatAis(claimed)} claimed before`,
    `  root   ${root}`,
    ...proof.map((sibling) => `  proof  ${sibling}`),
  ].join("\n");
}

export function describeClaimed({ claim: { account, cumulative } }: Claimable, answer: ClaimAnswer): string {
  return "refused" in answer
    ? `Nothing to claim: all of ${formatAis(cumulative)} was claimed before. More comes with the next root that is posted.`
    : `Claimed ${formatAis(answer.paid)} for ${account}\n  transaction  ${answer.transaction}`;
}

function claimIn({ claimable, tree, root, epoch }: EpochClaims, account: `0x${string}`): Claim {
  const digits = account.slice(2).toLowerCase();
  const [cumulative, proof] = [claimable.get(digits), tree?.proof(fromHex(digits) ?? new Uint8Array(0))];
  if (cumulative === undefined || !proof) throw notInTree(account, epoch);
  const siblings = proof.map((sibling) => `0x${toHex(sibling)}` as const);
  return { account, cumulative, root: `0x${toHex(root)}`, proof: siblings };
}

const notPosted = () =>
  new AegisError({
    code: "not-found",
    message: "Nothing is posted at this distributor yet.",
    next: "Wait until who runs the pool has posted its first epoch (aegis settle).",
  });

const otherRoot = ({ epoch }: EpochClaims, root: string, posted: number) =>
  new AegisError({
    code: "epoch-refused",
    message: `What can be claimed by epoch ${epoch} is not what is posted on chain for epoch ${posted}: ${root}.`,
    next: "Take the file of the epoch that is posted. Where that is the one, its pool has posted another root than it has signed: keep the file.",
  });

const notInTree = (account: string, epoch: number) =>
  new AegisError({
    code: "not-found",
    message: `By epoch ${epoch} nothing was paid out to ${account}.`,
    next: "See which address is in effect: aegis payout. What is earned goes there at the end of an epoch, and can be claimed when that is posted.",
  });

const rootChanged = () =>
  new AegisError({
    code: "chain-refused",
    message: "The pool has posted another root meanwhile; nothing was claimed.",
    next: "Do it again: what this root held is in the new one.",
  });

import { AegisError, formatAis, mayMixWithTestMoney, toHex } from "@aegis-pool/core";
import type { DistributorState, EvmKey } from "@aegis-pool/chain";
import { downloadClaims, type EpochClaims, listEpochs, type PoolClient } from "@aegis-pool/sdk";
import type { OpenDistributor } from "./chain-options.js";

/** What was done of a pool's newest epoch. */
export interface PostedEpoch {
  readonly claims: EpochClaims;
  /** "posted"; "known" where this or the same root was posted before; "nothing" where nobody can claim anything. */
  readonly answer: "posted" | "known" | "nothing";
  readonly transaction: string | undefined;
  /** nAIS that were minted to the distributor. */
  readonly minted: bigint;
  /** As it is afterwards. */
  readonly state: DistributorState;
}

/**
 * Posts what can be claimed by the pool's newest epoch, as the pool has signed it. Again it changes nothing.
 * @param mint nAIS that the distributor is minted at most, where it lacks any to pay all of it
 * @throws {AegisError} `not-found` before the first epoch is closed; `chain-refused`, `chain-unreachable`, `epoch-refused`
 */
export async function postNewestEpoch(
  client: PoolClient,
  { connection, distributor }: OpenDistributor,
  { key, mint }: { readonly key: EvmKey; readonly mint: bigint | undefined },
): Promise<PostedEpoch> {
  const [newest] = (await listEpochs(client)).epochs;
  if (!newest) throw noEpoch();
  const claims = await downloadClaims(client, newest.number);
  const before = await distributor.state();
  requireSamePool(before, claims, connection.place);
  await requireRealMoney(client, connection.chainId);
  const posted = await post();
  const mints = mint !== undefined && posted.answer !== "nothing";
  const { minted } = mints ? await distributor.mintShortfall(key, mint) : { minted: 0n };
  return { claims, ...posted, minted, state: await distributor.state() };

  async function post(): Promise<Pick<PostedEpoch, "answer" | "transaction">> {
    const transaction = undefined;
    if (claims.total === 0n) return { answer: "nothing", transaction };
    const root = `0x${toHex(claims.root)}` as const;
    if (before.root === root) return { answer: "known", transaction }; // of an epoch in which nobody was paid out
    const { pool, total } = claims;
    const asked = { pool, epoch: BigInt(claims.epoch), previousRoot: before.root, root, total };
    const sent = await distributor.post(key, asked);
    return sent === "known" ? { answer: "known", transaction } : { answer: "posted", transaction: sent.transaction };
  }
}

/** nAIS that can be claimed and that the distributor does not hold. */
export function lackingIn({ total, paid, balance }: DistributorState): bigint {
  const lacking = total - paid - balance;
  return lacking > 0n ? lacking : 0n;
}

export function describePosted({ claims, answer, transaction, minted, state }: PostedEpoch): string {
  const { epoch, claimable, total } = claims;
  const said = {
    posted: `Posted: by epoch ${epoch} ${claimable.size} addresses can claim ${formatAis(total)} in all.`,
    known: `Posted already: epoch ${epoch} has the root of epoch ${state.epoch}; ${formatAis(total)} can be claimed in all.`,
    nothing: `Nothing to post: by epoch ${epoch} nobody was paid out to an address.`,
  }[answer];
  const lacking = lackingIn(state);
  const lines = [
    said,
    transaction ? `  transaction  ${transaction}` : "",
    minted > 0n ? `  minted       ${formatAis(minted)} to the distributor` : "",
    `  claimed      ${formatAis(state.paid)} so far; the distributor holds ${formatAis(state.balance)}`,
    lacking > 0n
      ? `  It lacks ${formatAis(lacking)}: until it gets them, the last claims fail. With AIS's minter's key: --mint AMOUNT`
      : "",
  ];
  return lines.filter(Boolean).join("\n");
}

/** The contract would refuse it too, but not say what to do. */
function requireSamePool({ pool }: DistributorState, claims: EpochClaims, place: string): void {
  if (pool === claims.pool) return;
  throw new AegisError({
    code: "chain-refused",
    message: `The distributor on ${place} is pool ${pool}'s; this is pool ${claims.pool}.`,
    next: "Give the --distributor of this pool, or the --pool of that distributor: each pool has its own.",
  });
}

/** What was paid with money for the asking must not be claimed as AIS. */
async function requireRealMoney(client: PoolClient, chainId: number): Promise<void> {
  const given = -((await client.books()).totals.get("test-money") ?? 0n);
  if (given === 0n || mayMixWithTestMoney(chainId)) return;
  throw new AegisError({
    code: "chain-refused",
    message: `This pool has given away ${formatAis(given)} of test money, which would become AIS on chain ${chainId}.`,
    next: "Settle it on a local chain (chain id 31337), or open a pool without --test-money.",
  });
}

const noEpoch = () =>
  new AegisError({
    code: "not-found",
    message: "This pool has closed no epoch yet.",
    next: "See how long one is: aegis epoch list.",
  });

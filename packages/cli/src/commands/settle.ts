import { AegisError, formatAis, toHex } from "@aegis-pool/core";
import type { DistributorState } from "@aegis-pool/chain";
import { downloadClaims, type EpochClaims, listEpochs, PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { addChainOptions, type ChainFlags, openDistributor, readChainKey } from "../settlement/chain-options.js";
import { createOutput } from "../terminal/output.js";

interface SettleFlags extends ChainFlags {
  readonly mint?: boolean;
}

export function addSettleCommand(program: Command): void {
  addChainOptions(program.command("settle"))
    .description("For who runs a pool: post what operators can claim by the newest epoch to the pool's distributor")
    .option("--mint", "and mint to the distributor what it lacks to pay all of it, where the key is AIS's minter")
    .addHelpText("after", helpText)
    .action(settle);
}

const helpText = `
Example:
  $ aegis settle --chain http://127.0.0.1:8545 --distributor 0x5FbDB2315678afecb367f032d93F642f64180aa3 --evm-key poster.key

Can be done again at any time: what is posted already is not posted twice, and an epoch that was left out is in the next one's root.
Exit codes: 0 posted, or nothing to post; 1 the chain refuses; 3 the pool or the chain cannot be reached`;

/** What was done. */
interface Settled {
  readonly epoch: number;
  /** "posted", "known" where this or the same root was posted before, "nothing" where nobody can claim anything. */
  readonly answer: "posted" | "known" | "nothing";
  readonly transaction?: string | undefined;
  readonly minted: bigint;
}

async function settle(flags: SettleFlags): Promise<void> {
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const [newest] = (await listEpochs(client)).epochs;
  if (!newest) throw noEpoch();
  const claims = await downloadClaims(client, newest.number);
  const { connection, distributor } = await openDistributor(flags, undefined);
  const key = await readChainKey(flags);
  const before = await distributor.state();
  requireSamePool(before, claims, connection.place);
  const posted = await post();
  const { minted } = flags.mint && posted.answer !== "nothing" ? await distributor.mintShortfall(key) : { minted: 0n };
  const settled = { epoch: claims.epoch, ...posted, minted };
  const after = await distributor.state();
  createOutput(flags.json === true).result(
    {
      ...settled,
      root: toHex(claims.root),
      total: claims.total,
      lacking: lackingIn(after),
      distributor: distributor.address,
    },
    describe(settled, claims, after),
  );

  async function post(): Promise<Pick<Settled, "answer" | "transaction">> {
    if (claims.total === 0n) return { answer: "nothing" };
    const root = `0x${toHex(claims.root)}` as const;
    if (before.root === root) return { answer: "known" }; // of an epoch in which nobody was paid out
    const asked = {
      pool: claims.pool,
      epoch: BigInt(claims.epoch),
      previousRoot: before.root,
      root,
      total: claims.total,
    };
    const sent = await distributor.post(key, asked);
    return sent === "known" ? { answer: "known" } : { answer: "posted", transaction: sent.transaction };
  }
}

/** nAIS that can be claimed and are not there. */
function lackingIn({ total, paid, balance }: DistributorState): bigint {
  const lacking = total - paid - balance;
  return lacking > 0n ? lacking : 0n;
}

function describe(
  { epoch, answer, transaction, minted }: Settled,
  claims: EpochClaims,
  after: DistributorState,
): string {
  const said = {
    posted: `Posted: by epoch ${epoch} ${claims.claimable.size} addresses can claim ${formatAis(claims.total)} in all.`,
    known: `Posted already: the root of epoch ${epoch} is that of epoch ${after.epoch}; ${formatAis(claims.total)} can be claimed in all.`,
    nothing: `Nothing to post: by epoch ${epoch} nobody was paid out to an address.`,
  }[answer];
  const lacking = lackingIn(after);
  const lines = [
    said,
    transaction ? `  transaction  ${transaction}` : "",
    minted > 0n ? `  minted       ${formatAis(minted)} to the distributor` : "",
    `  claimed      ${formatAis(after.paid)} so far; the distributor holds ${formatAis(after.balance)}`,
    lacking > 0n
      ? `  It lacks ${formatAis(lacking)}: until it gets them, the last claims fail. With AIS's minter's key: --mint`
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

const noEpoch = () =>
  new AegisError({
    code: "not-found",
    message: "This pool has closed no epoch yet.",
    next: "See when the first one ends: aegis epoch list.",
  });

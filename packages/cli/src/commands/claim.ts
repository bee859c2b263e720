import { AegisError, equalBytes, formatAis, fromHex, toHex } from "@aegis-pool/core";
import type { Claim, ClaimAnswer, DistributorState } from "@aegis-pool/chain";
import { claimsOfFile, downloadClaims, type EpochClaims, PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import {
  addChainOptions,
  addressOf,
  type ChainFlags,
  openDistributor,
  readChainKey,
} from "../settlement/chain-options.js";
import { createOutput } from "../terminal/output.js";

interface ClaimFlags extends ChainFlags {
  readonly address?: string;
  readonly epochFile?: string;
  readonly show?: boolean;
}

export function addClaimCommand(program: Command): void {
  addChainOptions(program.command("claim"))
    .description("Claim on chain what your payout address has earned")
    .option(
      "--address <address>",
      "the payout address (default: that of --evm-key); the tokens go there, whoever sends this",
    )
    .option("--epoch-file <file>", "take what can be claimed from an epoch's public file, and ask no pool")
    .option("--show", "only show what can be claimed, with its proof; needs no key")
    .addHelpText("after", helpText)
    .action(claim);
}

const helpText = `
Example:
  $ aegis claim --chain http://127.0.0.1:8545 --distributor 0x5FbDB2315678afecb367f032d93F642f64180aa3 --evm-key payout.key

What can be claimed is computed here from what the pool has signed, and must be what is posted on chain.
Exit codes: 0 claimed, or all was claimed before; 1 refused; 3 the pool or the chain cannot be reached; 4 what the pool says is not genuine`;

async function claim(flags: ClaimFlags): Promise<void> {
  const { distributor } = await openDistributor(flags, undefined);
  const key = flags.show && flags.address !== undefined ? undefined : await readChainKey(flags);
  const account = flags.address === undefined ? key?.address : addressOf(flags.address);
  if (account === undefined) throw new TypeError("either an address or a key is there");
  const state = await distributor.state();
  const claims = await postedClaims(flags, state);
  const asked = claimIn(claims, account);
  const claimed = await distributor.claimed(account);
  const facts = { account, epoch: claims.epoch, cumulative: asked.cumulative, root: asked.root, proof: asked.proof };
  const output = createOutput(flags.json === true);
  if (flags.show || !key) {
    const left = asked.cumulative - claimed;
    return output.result({ ...facts, claimed, claimable: left }, shown(asked, claimed));
  }
  const answer = await distributor.claim(key, asked);
  if ("refused" in answer && answer.refused === "root-changed") throw rootChanged();
  const paid = "refused" in answer ? 0n : answer.paid;
  const transaction = "refused" in answer ? undefined : answer.transaction;
  output.result({ ...facts, paid, transaction }, described(asked, answer));
}

/** What the root on chain was made of. */
async function postedClaims(flags: ClaimFlags, { root, epoch, pool }: DistributorState): Promise<EpochClaims> {
  const posted = fromHex(root.slice(2));
  if (!posted || posted.every((byte) => byte === 0)) throw notPosted();
  const claims = await (flags.epochFile === undefined ? fromPool() : claimsOfFile(flags.epochFile, fromHex(pool)));
  if (equalBytes(claims.root, posted)) return claims;
  throw otherRoot(claims, root, Number(epoch));

  async function fromPool(): Promise<EpochClaims> {
    return downloadClaims(await PoolClient.connect(flags.pool, pool), Number(epoch));
  }
}

/** @throws {AegisError} `not-found` where nothing was ever paid out to the address */
function claimIn({ claimable, tree, root, epoch }: EpochClaims, account: `0x${string}`): Claim {
  const digits = account.slice(2).toLowerCase();
  const [cumulative, proof] = [claimable.get(digits), tree?.proof(fromHex(digits) ?? new Uint8Array(0))];
  if (cumulative === undefined || !proof) throw notInTree(account, epoch);
  return {
    account,
    cumulative,
    root: `0x${toHex(root)}`,
    proof: proof.map((sibling) => `0x${toHex(sibling)}` as const),
  };
}

function shown({ account, cumulative, root, proof }: Claim, claimed: bigint): string {
  return [
    `${account} can claim ${formatAis(cumulative - claimed)}: ${formatAis(cumulative)} in all less ${formatAis(claimed)} claimed before`,
    `  root   ${root}`,
    ...proof.map((sibling) => `  proof  ${sibling}`),
  ].join("\n");
}

function described({ account, cumulative }: Claim, answer: ClaimAnswer): string {
  if ("refused" in answer)
    return `Nothing to claim: all of ${formatAis(cumulative)} was claimed before. More comes with the next root that is posted.`;
  return `Claimed ${formatAis(answer.paid)} for ${account}\n  transaction  ${answer.transaction}`;
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
    next: "See which address is in effect: aegis payout. It takes three days, and then the end of an epoch and its post.",
  });

const rootChanged = () =>
  new AegisError({
    code: "chain-refused",
    message: "The pool has posted another root meanwhile; nothing was claimed.",
    next: "Do it again: what this root held is in the new one.",
  });

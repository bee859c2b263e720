import { AegisError, fromHex } from "@aegis-pool/core";
import { claimsOfFile, downloadClaims, PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import {
  addChainOptions,
  addressOf,
  type ChainFlags,
  openDistributor,
  readChainKey,
} from "../settlement/chain-options.js";
import { claimableBy, describeClaimable, describeClaimed, sendClaim } from "../settlement/claim-earnings.js";
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
    .option(
      "--epoch-file <file>",
      "take what can be claimed from an epoch's public file, and ask no pool; needs --distributor",
    )
    .option("--show", "only show what can be claimed, with its proof; with --address it needs no key")
    .addHelpText("after", helpText)
    .action(claim);
}

const helpText = `
Example:
  $ aegis claim --chain http://127.0.0.1:8545 --distributor 0x5FbDB2315678afecb367f032d93F642f64180aa3 --evm-key payout.key

What can be claimed is computed here from what the pool has signed, and must be what is posted on chain.
Exit codes: 0 claimed, or all was claimed before; 1 refused; 3 the pool or the chain cannot be reached; 4 what the pool says is not genuine`;

async function claim(flags: ClaimFlags): Promise<void> {
  const { distributor } = await openDistributor(
    flags,
    flags.epochFile === undefined ? await connect(flags) : undefined,
  );
  const key = flags.show && flags.address !== undefined ? undefined : await readChainKey(flags);
  const account = flags.address === undefined ? key?.address : addressOf(flags.address);
  if (account === undefined) throw noAddress();
  const found = await claimableBy(account, distributor, claimsOf);
  const { epoch, claim: asked, claimed } = found;
  const facts = { ...asked, epoch };
  const output = createOutput(flags.json === true);
  if (flags.show || !key) {
    return output.result({ ...facts, claimed, claimable: asked.cumulative - claimed }, describeClaimable(found));
  }
  const answer = await sendClaim(distributor, key, found);
  const done = "refused" in answer ? { paid: 0n } : { paid: answer.paid, transaction: answer.transaction };
  output.result({ ...facts, ...done }, describeClaimed(found, answer));

  async function claimsOf(number: number, pool: string) {
    if (flags.epochFile !== undefined) return claimsOfFile(flags.epochFile, fromHex(pool));
    return downloadClaims(await connect(flags, pool), number);
  }
}

/** @param pool the key that it must have: that of the contract's pool */
function connect(flags: ClaimFlags, pool = flags.poolKey): Promise<PoolClient> {
  return PoolClient.connect(flags.pool, pool);
}

const noAddress = () =>
  new AegisError({
    code: "bad-argument",
    message: "It is not said for which address.",
    next: "Give --address, or with --evm-key the key of your payout address.",
  });

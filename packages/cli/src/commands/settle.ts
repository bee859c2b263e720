import { toHex } from "@aegis-pool/core";
import { PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { addChainOptions, type ChainFlags, openDistributor, readChainKey } from "../settlement/chain-options.js";
import { describePosted, lackingIn, postNewestEpoch } from "../settlement/post-epoch.js";
import { parseAmount } from "./shared-options.js";
import { createOutput } from "../terminal/output.js";

interface SettleFlags extends ChainFlags {
  readonly mint?: string;
}

export function addSettleCommand(program: Command): void {
  addChainOptions(program.command("settle"))
    .description("For who runs a pool: post what operators can claim by the newest epoch to the pool's distributor")
    .option(
      "--mint <amount>",
      "and mint to the distributor what it lacks to pay all of it, at most so much, where the key is AIS's minter",
    )
    .addHelpText("after", helpText)
    .action(settle);
}

const helpText = `
Example:
  $ aegis settle --chain http://127.0.0.1:8545 --distributor 0x5FbDB2315678afecb367f032d93F642f64180aa3 --evm-key poster.key

Can be done again at any time: what is posted already is not posted twice, and an epoch that was left out is in the next one's root.
Exit codes: 0 posted, or nothing to post; 1 the chain refuses; 3 the pool or the chain cannot be reached`;

async function settle(flags: SettleFlags): Promise<void> {
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const open = await openDistributor(flags, client);
  const key = await readChainKey(flags);
  const posted = await postNewestEpoch(client, open, {
    key,
    mint: flags.mint === undefined ? undefined : parseAmount(flags.mint),
  });
  const { claims, answer, transaction, minted, state } = posted;
  const facts = { epoch: claims.epoch, answer, transaction, minted, root: toHex(claims.root), total: claims.total };
  const after = { lacking: lackingIn(state), distributor: open.distributor.address };
  createOutput(flags.json === true).result({ ...facts, ...after }, describePosted(posted));
}

import { Account, type Payout, PoolClient, settlementIfAny } from "@aegis-pool/sdk";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import type { Command } from "commander";
import { operatorKeyFile } from "../home.js";
import { readKeyFile } from "../key-file.js";
import { createOutput } from "../terminal/output.js";
import { dateOf } from "../terminal/dates.js";
import { addPoolOptions, type PoolFlags } from "./shared-options.js";

interface PayoutFlags extends PoolFlags {
  readonly operatorKey?: string;
  readonly json?: boolean;
}

export function addPayoutCommand(program: Command): void {
  const payout = program.command("payout").description("The address to which your earnings go on chain");
  addPayoutOptions(payout.command("show", { isDefault: true }))
    .description("The address in effect, and what will change (what `aegis payout` does)")
    .addHelpText("after", "\nExample:\n  $ aegis payout show")
    .action((flags: PayoutFlags) => report(flags, (account) => account.payout()));
  addPayoutOptions(payout.command("set"))
    .description(
      "Ask for another address: it takes effect in three days, and your agents tell of it meanwhile; the first one at once, while nothing is earned",
    )
    .argument("<address>", 'an Ethereum address, or "none"')
    .addHelpText("after", "\nExample:\n  $ aegis payout set 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    .action(set);
  addPayoutOptions(payout.command("cancel"))
    .description("Take back a change that has not taken effect")
    .addHelpText("after", "\nExample:\n  $ aegis payout cancel")
    .action((flags: PayoutFlags) => report(flags, (account) => account.cancelPayout()));
}

function addPayoutOptions(command: Command): Command {
  return addPoolOptions(command)
    .option("--operator-key <file>", "the operator's key (default: the one that this machine's agents have)")
    .option("--json", "as JSON");
}

async function set(address: string, flags: PayoutFlags): Promise<void> {
  // before the first agent of this machine has made it: then nothing is earned, and the address is in effect at once
  if (flags.operatorKey === undefined) await openKeyFile(operatorKeyFile(), createEd25519Signer);
  await report(flags, (account) => account.setPayout(address === "none" ? undefined : address));
  if (address === "none" || (await settles(flags))) return;
  createOutput(flags.json === true).note(
    "This pool names no chain: what goes to your address can be claimed once it settles on one, and not be taken back.",
  );
}

async function settles(flags: PayoutFlags): Promise<boolean> {
  return (await settlementIfAny(await PoolClient.connect(flags.pool, flags.poolKey))) !== undefined;
}

/** Does something about the address, and shows what it is then. */
async function report(flags: PayoutFlags, act: (account: Account) => Promise<Payout>): Promise<void> {
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const account = new Account(client, await readKeyFile(flags.operatorKey ?? operatorKeyFile()));
  const payout = await act(account);
  createOutput(flags.json === true).result({ operator: account.id, ...payout }, describe(payout));
}

function describe({ address, pending }: Payout): string {
  const now = `Payout address ${address ?? "none: earnings stay in your account at the pool"}`;
  if (!pending) return now;
  const { askedAt, effectiveAt } = pending;
  return [
    now,
    `  changes to ${pending.address ?? "none"} on ${dateOf(effectiveAt)}, as asked for on ${dateOf(askedAt)}`,
    "  Not you? Take it back: aegis payout cancel",
  ].join("\n");
}

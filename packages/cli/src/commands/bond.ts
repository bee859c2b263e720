import { AegisError, formatAis, formatScu, fromHex } from "@aegis-pool/core";
import { Account, type AccountKind, type Bond, type OperatorTier, PoolClient } from "@aegis-pool/sdk";
import { type Command, Option } from "commander";
import { operatorKeyFile } from "../home.js";
import { readKeyFile } from "../key-file.js";
import { dateOf } from "../terminal/dates.js";
import { createOutput } from "../terminal/output.js";
import { addPoolOptions, parseAmount, parseWhole, type PoolFlags } from "./shared-options.js";

interface BondFlags extends PoolFlags {
  readonly operatorKey?: string;
  readonly json?: boolean;
}

export function addBondCommand(program: Command): void {
  const bond = program
    .command("bond")
    .description("What you stake for your machines, and the standing that it gives them");
  addBondOptions(bond.command("show", { isDefault: true }))
    .description("Your bond, the notices that wait, and your tier (what `aegis bond` does)")
    .addHelpText("after", "\nExample:\n  $ aegis bond show")
    .action(show);
  addBondOptions(bond.command("add"))
    .description("Put up a bond: with enough proven speed, your machines are asked first for complex tasks")
    .argument("<amount>", 'such as "3000 AIS"')
    .addOption(
      new Option("--from <account>", "what pays: what you have earned, or what the same key holds as a requester")
        .choices(["operator", "requester"])
        .default("operator"),
    )
    .addHelpText("after", '\nExample:\n  $ aegis bond add "3000 AIS"')
    .action(add);
  addBondOptions(bond.command("vest"))
    .description("Let it grow from what your machines earn: a part of each epoch's earnings, until it is large enough")
    .argument("<percent>", "such as 50%; 0% to end it")
    .argument("[amount]", 'how large it is to be, such as "300 AIS"')
    .addHelpText("after", '\nExample:\n  $ aegis bond vest 50% "300 AIS"')
    .action(vest);
  addBondOptions(bond.command("withdraw"))
    .description("Give notice of part of it: it counts no longer, and is paid out in two weeks")
    .argument("<amount>", 'such as "500 AIS"')
    .addHelpText("after", '\nExample:\n  $ aegis bond withdraw "500 AIS"')
    .action(withdraw);
  addBondOptions(bond.command("cancel"))
    .description("Take a notice back")
    .argument("<key>", "the notice's key, as `aegis bond show` lists it")
    .addHelpText("after", "\nExample:\n  $ aegis bond cancel 00112233445566778899aabbccddeeff")
    .action(cancel);
}

function addBondOptions(command: Command): Command {
  return addPoolOptions(command)
    .option("--operator-key <file>", "the operator's key (default: the one that this machine's agents have)")
    .option("--json", "as JSON");
}

async function show(flags: BondFlags): Promise<void> {
  await report(flags, (account) => account.bond());
}

async function add(text: string, flags: BondFlags & { readonly from: AccountKind }): Promise<void> {
  const amount = parseAmount(text);
  await report(flags, (account) => account.putBond(amount, flags.from));
}

async function vest(text: string, target: string | undefined, flags: BondFlags): Promise<void> {
  const percent = parseWhole("the part", text.replace(/%$/, ""), 0, 100);
  if (percent > 0 && target === undefined) throw noTarget(text);
  await report(flags, (account) => account.vestBond(percent, target === undefined ? 0n : parseAmount(target)));
}

async function withdraw(text: string, flags: BondFlags): Promise<void> {
  const amount = parseAmount(text);
  if (amount === 0n) throw badKey("amount", text);
  await report(flags, (account) => account.giveNotice(amount));
}

async function cancel(text: string, flags: BondFlags): Promise<void> {
  const key = fromHex(text);
  if (key?.length !== 16) throw badKey("key", text);
  await report(flags, (account) => account.cancelNotice(key));
}

/** Does something about the bond, and shows what it is then. */
async function report(flags: BondFlags, act: (account: Account) => Promise<Bond>): Promise<void> {
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const account = new Account(client, await readKeyFile(flags.operatorKey ?? operatorKeyFile()));
  const bond = await act(account);
  const tier = await client.tierOf(account.id);
  createOutput(flags.json === true).result({ operator: account.id, ...bond, standing: tier }, describe(bond, tier));
}

function describe({ bond, counting, notices, vesting }: Bond, tier: OperatorTier): string {
  const waiting = notices.map(
    ({ key, amount, payableAt }) =>
      `  ${formatAis(amount)} are paid out on ${dateOf(payableAt)} (aegis bond cancel ${key})`,
  );
  return [
    `Bond ${formatAis(bond)}${notices.length > 0 ? `, of which ${formatAis(counting)} count` : ""}`,
    ...waiting,
    ...(vesting
      ? [
          `  ${vesting.percent}% of what is earned go into it at the end of each epoch, until it is ${formatAis(vesting.target)}`,
        ]
      : []),
    `Tier ${tier.tier}: ${formatScu(tier.provenSpeed)} proven by the machines that are connected${below(tier)}`,
    ...next(tier),
  ].join("\n");
}

function below({ belowSince }: OperatorTier): string {
  return belowSince === undefined
    ? ""
    : `; less than the tier asks for since ${dateOf(belowSince)}, kept for seven days`;
}

function next(tier: OperatorTier): string[] {
  if (!tier.next) return [];
  return [
    `Next tier ${tier.next.tier}: ${formatScu(tier.next.provenSpeed)} and a bond of ${formatAis(tier.next.bond)}`,
  ];
}

const noTarget = (percent: string) =>
  new AegisError({
    code: "bad-argument",
    message: `It is not said how large the bond is to be that takes ${percent} of what is earned.`,
    next: `Give an amount: aegis bond vest ${percent} "300 AIS".`,
  });

const badKey = (what: "key" | "amount", text: string) =>
  new AegisError({
    code: "bad-argument",
    message: what === "key" ? `"${text}" is no notice's key.` : `"${text}" is nothing to withdraw.`,
    next: what === "key" ? "See them: aegis bond show." : 'Give an amount such as "500 AIS".',
  });

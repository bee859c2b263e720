import { AegisError, formatAis } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import { Account, type AccountKind, PoolClient, type StatementLine } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { accountKeyFile, operatorKeyFile } from "../home.js";
import { createOutput } from "../terminal/output.js";
import { addDepositCommand } from "./account-deposit.js";
import { addPoolOptions, parseAmount, type PoolFlags } from "./shared-options.js";

interface AccountFlags extends PoolFlags {
  readonly operator?: boolean;
  readonly keyFile?: string;
  readonly json?: boolean;
}

export function addAccountCommand(program: Command): void {
  const account = program
    .command("account")
    .description("Your money at a pool: what pays for jobs, and what machines earn");
  addPoolOptions(account.command("fund"))
    .description("Fill your account with money to play with, where the pool has it (aegis pool --test-money)")
    .argument("<amount>", 'such as "5 AIS"')
    .option("--key-file <file>", "the account's key (default: account.key in AEGIS_HOME, made where there is none)")
    .option("--json", "as JSON")
    .addHelpText("after", '\nExample:\n  $ aegis account fund "5 AIS"')
    .action(fund);
  addDepositCommand(account);
  addAccountOptions(account.command("show"))
    .description("What an account holds")
    .addHelpText("after", "\nExample:\n  $ aegis account show")
    .action(show);
  addAccountOptions(account.command("statement"))
    .description("Every movement, line by line, the oldest first")
    .option("--csv", "as CSV, amounts in nAIS")
    .addHelpText("after", "\nExample:\n  $ aegis account statement --csv > statement.csv")
    .action(statement);
}

function addAccountOptions(command: Command): Command {
  return addPoolOptions(command)
    .option("--operator", "the account that this machine's agents earn into")
    .option(
      "--key-file <file>",
      "the account's key (default: account.key in AEGIS_HOME; with --operator, the operator's)",
    )
    .option("--json", "as JSON");
}

async function fund(text: string, flags: AccountFlags): Promise<void> {
  const amount = parseAmount(text);
  if (amount === 0n) throw nothing(text);
  const { account } = await openAccount(flags);
  const balance = await account.fund(amount);
  createOutput(flags.json === true).result(
    { account: account.id, balance },
    `${formatAis(amount)} of test money added: the account holds ${formatAis(balance)}.`,
  );
}

async function show(flags: AccountFlags): Promise<void> {
  const { account, kind } = await openAccount(flags);
  const balance = await account.balance(kind);
  createOutput(flags.json === true).result(
    { account: account.id, kind, balance },
    `${kind} ${account.id} holds ${formatAis(balance)}`,
  );
}

async function statement(flags: AccountFlags & { readonly csv?: boolean }): Promise<void> {
  const { account, kind } = await openAccount(flags);
  const output = createOutput(flags.json === true);
  if (flags.csv) output.result({}, "time,what,amount_nais,balance_nais,other,reference");
  let balance = 0n;
  for await (const line of account.statement(kind)) {
    balance += line.amount;
    output.result({ ...line, balance }, flags.csv ? csvLine(line, balance) : textLine(line, balance));
  }
}

function csvLine({ at, kind, amount, other, key }: StatementLine, balance: bigint): string {
  return [new Date(at).toISOString(), kind, amount, balance, other, key].join(",");
}

function textLine({ at, kind, amount, other }: StatementLine, balance: bigint): string {
  const signed = `${amount < 0n ? "-" : "+"}${formatAis(amount < 0n ? -amount : amount)}`;
  return `${new Date(at).toISOString()}  ${kind.padEnd(8)}${signed.padStart(16)}${formatAis(balance).padStart(16)}  ${other.slice(0, 24)}`;
}

async function openAccount(flags: AccountFlags): Promise<{ account: Account; kind: AccountKind }> {
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const usual = flags.operator ? operatorKeyFile() : accountKeyFile();
  const signer = await openKeyFile(flags.keyFile ?? usual, createEd25519Signer);
  return { account: new Account(client, signer), kind: flags.operator ? "operator" : "requester" };
}

function nothing(text: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `"${text}" is nothing to add.`,
    next: 'Give an amount such as "5 AIS".',
  });
}

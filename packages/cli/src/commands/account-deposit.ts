import { setTimeout as after } from "node:timers/promises";
import type { ChainConnection, Deposits } from "@aegis-pool/chain";
import { AegisError, depositKey, formatAis, largestAmount, localChainId, toHex } from "@aegis-pool/core";
import { Account, PoolClient, type PoolSettlement, openAccountKey, settlementOf } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { chainOption } from "../settlement/chain-options.js";
import { createOutput } from "../terminal/output.js";
import { addPoolOptions, parseAmount, type PoolFlags } from "./shared-options.js";

interface DepositFlags extends PoolFlags {
  readonly chain: string;
  readonly evmKey: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** How often the pool is asked whether a deposit is credited, in ms, and for how long. */
const [pollMs, localPollMs, mostWaitMs] = [2_000, 200, 3_600_000];

export function addDepositCommand(account: Command): void {
  addPoolOptions(account.command("deposit"))
    .description("Pay AIS in on the chain that the pool settles on, for your account")
    .argument("<amount>", 'such as "5 AIS"')
    .addOption(chainOption().makeOptionMandatory())
    .requiredOption(
      "--evm-key <file>",
      "the private key whose AIS it is: 0x and 64 hexadecimal digits, for its owner alone",
    )
    .option("--wait", "until the pool has credited it")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      '\nExample:\n  $ aegis account deposit "5 AIS" --chain http://127.0.0.1:8545 --evm-key ./evm.key --wait',
    )
    .action(deposit);
}

async function deposit(text: string, flags: DepositFlags): Promise<void> {
  const amount = parseAmount(text);
  if (amount === 0n || amount > largestAmount) throw nothing(text);
  const output = createOutput(flags.json === true);
  const { readEvmKey } = await import("@aegis-pool/chain");
  const key = await readEvmKey(flags.evmKey);
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const account = new Account(client, await openAccountKey());
  const settlement = await settlementOf(client);
  const { connection, deposits } = await openDeposits(flags.chain, settlement, toHex(client.key));
  try {
    const sent = await deposits.deposit(key, account.id, amount);
    const { transaction, block } = sent;
    const { confirmations } = settlement;
    output.note(
      `${formatAis(amount)} are paid in by transaction ${transaction} in block ${block}; the pool credits them ${confirmations} blocks later.`,
    );
    if (flags.wait) await untilCredited(client, account, { deposits, ...sent });
    const paid = { account: account.id, amount, transaction, block, confirmations, credited: flags.wait === true };
    const balance = flags.wait ? await account.balance() : undefined;
    output.result(
      { ...paid, balance },
      balance === undefined ? transaction : `The account holds ${formatAis(balance)}.`,
    );
  } finally {
    connection.close();
  }
}

/** The pool says which contracts; the chain says whose they are, before anything is paid in. */
async function openDeposits(url: string, { chainId, ...said }: PoolSettlement, pool: string) {
  const chain = await import("@aegis-pool/chain");
  const connection: ChainConnection = await chain.ChainConnection.connect(url, { chainId });
  const deposits = await chain.Deposits.open(connection, said.deposits);
  if (deposits.pool === pool) return { connection, deposits };
  throw new AegisError({
    code: "chain-refused",
    message: `The deposits at ${deposits.address} are of the pool ${deposits.pool}, not of ${pool}.`,
    next: "Do not pay in: the pool names contracts that are not its own. Ask whoever runs it.",
  });
}

interface PaidIn {
  readonly deposits: Deposits;
  readonly transaction: string;
  readonly block: number;
}

/** Until the account's own statement has it. @throws {AegisError} `chain-refused` where the pool credits nothing more, `deadline-passed` */
async function untilCredited(client: PoolClient, account: Account, { deposits, transaction, block }: PaidIn) {
  const { index } = (await deposits.between(block, block)).find((one) => one.transaction === transaction) ?? {};
  for (let waitedMs = 0; waitedMs < mostWaitMs;) {
    const { chainId, safeBlock = 0, problem } = await settlementOf(client);
    if (problem?.what === "reorganised" || problem?.what === "unfit") throw notCredited(problem.message);
    if (index !== undefined && safeBlock >= block && (await hasCredited(account, index))) return;
    const ms = chainId === localChainId ? localPollMs : pollMs;
    await after(ms);
    waitedMs += ms;
  }
  throw new AegisError({
    code: "deadline-passed",
    message: `The pool has not credited transaction ${transaction} within an hour.`,
    next: "Look at GET /v1/settlement of the pool, and later at `aegis account statement`. What was paid in need not be paid in again.",
  });
}

async function hasCredited(account: Account, index: number): Promise<boolean> {
  for await (const { kind, key } of account.statement("requester")) {
    if (kind === "deposit" && key === depositKey(index)) return true;
  }
  return false;
}

const notCredited = (why: string) =>
  new AegisError({
    code: "chain-refused",
    message: `The pool credits no deposits: ${why}`,
    next: "Ask whoever runs the pool; what was paid in need not be paid in again.",
  });

const nothing = (text: string) =>
  new AegisError({
    code: "bad-argument",
    message: `"${text}" is nothing to pay in.`,
    next: 'Give an amount such as "5 AIS".',
  });

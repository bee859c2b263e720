import { formatAis, formatScu, fromHex, toHex } from "@aegis-pool/core";
import { verifyReceipt } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { readReceipt } from "../jobs/receipt-file.js";
import { createOutput } from "../terminal/output.js";

interface ReceiptFlags {
  readonly poolKey?: string;
  readonly json?: boolean;
}

export function addReceiptCommand(program: Command): void {
  program
    .command("receipt")
    .description("Receipts: what was run, how much, at what price")
    .command("verify")
    .description("Verify a receipt offline: operator, agent and pool signed what it says")
    .argument("<file>", "a receipt that `aegis run --out` wrote")
    .option("--pool-key <hex>", "the key of the pool you trust (default: the one the file names)")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis receipt verify results/receipts/0.json")
    .action(verify);
}

async function verify(path: string, flags: ReceiptFlags): Promise<void> {
  const { bundle, pool } = await readReceipt(path);
  const key = fromHex(flags.poolKey ?? pool) ?? new Uint8Array(0);
  const { run, receipt, operator } = verifyReceipt(bundle, key);
  const { number, outcome, ranMs, engine } = run;
  const { work, price, charge, reward, fee } = receipt;
  const facts = {
    number,
    outcome,
    ranMs,
    engine,
    agent: toHex(run.agent),
    operator: toHex(operator),
    pool: toHex(key),
  };
  createOutput(flags.json === true).result(
    { ...facts, workMicroScuSeconds: work, price, charge, reward, fee },
    [
      `Genuine: task ${number} ${outcome} after ${ranMs} ms on ${engine}`,
      `  work     ${formatScu(work)}-seconds at ${price} nAIS each`,
      `  charge   ${formatAis(BigInt(charge))}: ${formatAis(BigInt(reward))} to the agent, ${formatAis(BigInt(fee))} fee`,
      `  agent    ${facts.agent}`,
      `  operator ${facts.operator}`,
      `  pool     ${facts.pool}${flags.poolKey ? "" : " (as the file names it: compare it with the one you trust)"}`,
    ].join("\n"),
  );
}

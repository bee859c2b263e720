import { AegisError, fromHex, type VerifiedEpoch } from "@aegis-pool/core";
import { downloadEpoch, listEpochs, PoolClient, verifyEpochFile } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { describeEpoch, epochFacts, describeEpochs } from "../epochs/texts.js";
import { requirePaid } from "../epochs/own-receipts.js";
import { createOutput } from "../terminal/output.js";
import { addPoolOptions, parseWhole, type PoolFlags } from "./shared-options.js";

interface VerifyFlags {
  readonly poolKey?: string;
  readonly previous?: string;
  readonly receipt?: string[];
  readonly json?: boolean;
}

export function addEpochCommand(program: Command): void {
  const epoch = program.command("epoch").description("Epochs: what a pool has paid, for anybody to recompute");
  addPoolOptions(epoch.command("list"))
    .description("Epochs that are closed, the newest first")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis epoch list")
    .action(list);
  addPoolOptions(epoch.command("fetch"))
    .description("Write an epoch's public file, verified")
    .argument("<number>", "the epoch")
    .option("--out <file>", "where to (default: epoch-NUMBER.jsonl)")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis epoch fetch 20785 --out epoch.jsonl")
    .action(fetch);
  epoch
    .command("verify")
    .description("Recompute an epoch from its public file, without asking the pool")
    .argument("<file>", "as `aegis epoch fetch` writes it")
    .option("--pool-key <hex>", "the key of the pool you trust (default: the one the file names)")
    .option("--previous <file>", "the epoch before: then what operators had earned is checked too")
    .option("--receipt <file...>", "receipts of your own that it must have paid")
    .option("--json", "as JSON")
    .addHelpText("after", verifyHelp)
    .action(verify);
}

const verifyHelp = `
Example:
  $ aegis epoch verify epoch-20785.jsonl --previous epoch-20784.jsonl

Exit codes: 0 it adds up, 2 a file or an option cannot be read, 4 refused; the reason is in brackets`;

async function list(flags: PoolFlags & { readonly json?: boolean }): Promise<void> {
  const now = await listEpochs(await PoolClient.connect(flags.pool, flags.poolKey));
  createOutput(flags.json === true).result(now, describeEpochs(now));
}

async function fetch(
  text: string,
  flags: PoolFlags & { readonly out?: string; readonly json?: boolean },
): Promise<void> {
  const number = parseWhole("the epoch", text, 0, Number.MAX_SAFE_INTEGER);
  const path = flags.out ?? `epoch-${number}.jsonl`;
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  await downloadEpoch(client, number, path);
  const verified = await verifyEpochFile(path, { pool: client.key });
  createOutput(flags.json === true).result(
    { ...epochFacts(verified), file: path },
    `${describeEpoch(verified)}\n  file     ${path}`,
  );
}

async function verify(path: string, flags: VerifyFlags): Promise<void> {
  const pool = flags.poolKey === undefined ? undefined : poolKey(flags.poolKey);
  const previous = await verifiedPrevious(flags.previous, pool);
  const verified = await verifyEpochFile(path, { pool, previous });
  for (const file of flags.receipt ?? []) await requirePaid(verified, file);
  const known = [
    describeEpoch(verified),
    previous ? "" : `  what operators had earned before is as the file says: give --previous to check it`,
    flags.poolKey === undefined ? `  the pool's key is as the file names it: compare it with the one you trust` : "",
  ];
  createOutput(flags.json === true).result(epochFacts(verified), known.filter(Boolean).join("\n"));
}

async function verifiedPrevious(
  path: string | undefined,
  pool: Uint8Array | undefined,
): Promise<VerifiedEpoch | undefined> {
  return path === undefined ? undefined : verifyEpochFile(path, { pool });
}

function poolKey(text: string): Uint8Array {
  const key = fromHex(text);
  if (key?.length === 32) return key;
  throw new AegisError({
    code: "bad-argument",
    message: `--pool-key is "${text.slice(0, 80)}"; a pool's key is 64 hexadecimal digits.`,
    next: "Ask who runs the pool for its key, or leave --pool-key out to see which pool the file names.",
  });
}

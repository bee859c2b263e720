import { resolve } from "node:path";
import { certificateLimits, type QuorumCertificate, toHex } from "@aegis-pool/core";
import { Pool, saveQuorum } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { findJob } from "../jobs/job-files.js";
import { createOutput } from "../terminal/output.js";
import { parseWhole } from "./shared-options.js";

interface CertifyFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function addCertifyCommand(program: Command): void {
  program
    .command("certify")
    .description(
      "Write the certificate of a task's result: who has computed the same, for contracts and anybody else to check",
    )
    .argument("<job>", "the beginning of its name; it ran with --certificate-chain")
    .argument("<task>", "which of its inputs, from 0")
    .option("--out <file>", "where to (default: certificate-<job>-<task>.json)")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ aegis run js square.mjs --input 7 --verify quorum:3:always --certificate-chain 1\n  $ aegis job list\n  $ aegis certify 3fa9 0\n  $ aegis certificate verify certificate-3fa9-0.json --quorum 3",
    )
    .action(certify);
}

async function certify(prefix: string, task: string, flags: CertifyFlags): Promise<void> {
  const index = parseWhole("The task", task, 0, 2 ** 32);
  const { saved } = await findJob(prefix);
  const pool = await Pool.connect(saved.pool.url, { key: saved.pool.key });
  const certificate = await pool.certify(saved, index);
  const path = resolve(flags.out ?? `certificate-${prefix}-${index}.json`);
  await saveQuorum(path, certificate);
  createOutput(flags.json === true).result(
    { file: path, operators: certificate.signers.length },
    written(path, certificate),
  );
}

function written(path: string, { signers, domain }: QuorumCertificate): string {
  const most = signers.length === certificateLimits.signers ? ", which is as many as a certificate has" : "";
  const who = `${signers.length} operator${signers.length === 1 ? "" : "s"}${most}`;
  return `${path}: signed by ${who}, for chain ${domain.chainId} and the pool ${toHex(domain.pool).slice(0, 16)}…`;
}

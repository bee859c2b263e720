import { AegisError, fromHex, type Signed, toHex } from "@aegis-pool/core";
import { PoolClient, readPoolSigners, readQuorumFile, revokedAgents, verifyQuorum } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { readRevocations, writtenRevocations } from "../certificates/revocations-file.js";
import { describeCertificate, describeSigners, factsOf } from "../certificates/texts.js";
import { createOutput } from "../terminal/output.js";
import { addPoolOptions, parseWhole, type PoolFlags } from "./shared-options.js";

interface VerifyFlags {
  readonly poolKey?: string;
  readonly pool?: string;
  readonly chainId?: string;
  readonly quorum: string;
  readonly revocations?: string;
  readonly json?: boolean;
}

export function addCertificateCommand(program: Command): void {
  const certificate = program
    .command("certificate")
    .description("Quorum certificates: operators who have computed the same say so");
  certificate
    .command("verify")
    .description("Verify a certificate offline: enough operators, enrolled at the pool, have signed the result")
    .argument("<file>", "a certificate")
    .option("--pool-key <hex>", "the key of the pool you trust (default: the one the file names)")
    .option("--chain-id <number>", "refuse one for any other chain")
    .option("--quorum <operators>", "how many operators must have signed", "2")
    .option("--revocations <file>", "what `aegis certificate registry --json` printed: refuse who was revoked by then")
    .option("--pool <url>", "read the log of the pool at this address for revocations")
    .option("--json", "as JSON")
    .addHelpText("after", verifyHelp)
    .action(verify);
  addPoolOptions(certificate.command("registry"))
    .description(
      "Which addresses sign for which operators, by the pool's whole log: what a registry on chain is to hold",
    )
    .option("--json", "as JSON, with the revocations that `verify --revocations` reads")
    .addHelpText("after", "\nExample:\n  $ aegis certificate registry --json > registry.json")
    .action(registry);
}

const verifyHelp = `
Example:
  $ aegis certificate verify certificate.json --quorum 3 --chain-id 1

Exit codes: 0 genuine, 2 a file or an option cannot be read, 3 the pool cannot be reached, 4 refused; the reason is in brackets`;

async function verify(path: string, flags: VerifyFlags): Promise<void> {
  const chainId = flags.chainId === undefined ? undefined : parseWhole("--chain-id", flags.chainId, 1, 2 ** 53 - 1);
  const quorum = parseWhole("--quorum", flags.quorum, 1, 32);
  const file = await readQuorumFile(path);
  const demand = { pool: poolGiven(flags.poolKey), chainId, quorum };
  const { certificate } = verifyQuorum(file, { ...demand, revoked: revokedAgents([], new Uint8Array()) });
  const { pool } = certificate.domain; // the one that is trusted, or no other was named
  const revoked = revokedAgents(await revocationsFor(pool, flags), pool);
  const verified = verifyQuorum(file, { ...demand, pool, revoked });
  const asked = { isPoolGiven: flags.poolKey !== undefined, areRevocationsGiven: asksForRevocations(flags) };
  createOutput(flags.json === true).result(factsOf(verified), describeCertificate(verified, asked));
}

async function revocationsFor(key: Uint8Array, { pool, revocations }: VerifyFlags): Promise<readonly Signed[]> {
  const given = revocations === undefined ? [] : await readRevocations(revocations, toHex(key));
  if (pool === undefined) return given;
  const logged = await readPoolSigners(await PoolClient.connect(pool, toHex(key)));
  return [...given, ...logged.revocations];
}

const asksForRevocations = ({ pool, revocations }: VerifyFlags) => pool !== undefined || revocations !== undefined;

function poolGiven(text: string | undefined): Uint8Array | undefined {
  const key = text === undefined ? undefined : fromHex(text);
  if (text === undefined || key?.length === 32) return key;
  throw new AegisError({
    code: "bad-argument",
    message: `--pool-key is "${text.slice(0, 80)}"; a pool's key is 64 hexadecimal digits.`,
    next: "Ask who runs the pool for its key, or leave --pool-key out to see which pool the certificate names.",
  });
}

async function registry(flags: PoolFlags & { readonly json?: boolean }): Promise<void> {
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const { signers, revocations } = await readPoolSigners(client);
  const pool = toHex(client.key);
  createOutput(flags.json === true).result(
    { ...writtenRevocations(pool, revocations), signers },
    describeSigners(signers, revocations.length),
  );
}

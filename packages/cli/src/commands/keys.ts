import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AegisError, agentRevocation, fromHex, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { agentFolder, operatorKeyFile } from "../home.js";
import { readKeyFile } from "../key-file.js";
import { createOutput } from "../terminal/output.js";
import { table } from "../terminal/table.js";
import { addPoolOptions, type PoolFlags } from "./shared-options.js";

interface ListFlags {
  readonly state?: string;
  readonly json?: boolean;
}

interface RevokeFlags extends PoolFlags {
  readonly operatorKey?: string;
  readonly json?: boolean;
}

export function addKeysCommand(program: Command): void {
  const keys = program.command("keys").description("The keys of this machine's agent and its operator");
  keys
    .command("list")
    .description("Their public halves and where they are kept")
    .option("--state <folder>", "the agent's folder (default: agent in AEGIS_HOME)")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis keys list")
    .action(list);
  addPoolOptions(keys.command("revoke"))
    .description("Take an agent's enrolment back, for ever: for a machine that was sold or broken into")
    .argument("<agent>", "the agent's key in hexadecimal")
    .option("--operator-key <file>", "the key of the operator that enrolled it")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis keys revoke 9d1c… --pool https://pool.example")
    .action(revoke);
}

async function list(flags: ListFlags): Promise<void> {
  const folder = flags.state ?? agentFolder();
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".key"));
  const found = await Promise.all(
    names.map(async (name) => ({ name, path: join(folder, name), signer: await readKeyFile(join(folder, name)) })),
  );
  const rows = found.map(({ name, path, signer }) => ({ name, publicKey: toHex(signer.publicKey), path }));
  const columns = [{ title: "key" }, { title: "public half" }, { title: "file" }];
  const text =
    rows.length === 0
      ? `No keys in ${folder}: \`aegis agent\` makes them at its first start.`
      : table(
          columns,
          rows.map(({ name, publicKey, path }) => [name, publicKey, path]),
        );
  createOutput(flags.json === true).result(rows, text);
}

async function revoke(agent: string, flags: RevokeFlags): Promise<void> {
  const key = fromHex(agent);
  if (key?.length !== 32) throw badKey(agent);
  const operator = await readKeyFile(flags.operatorKey ?? operatorKeyFile());
  const client = await PoolClient.connect(flags.pool, flags.poolKey);
  const statement = { operator: operator.publicKey, agent: key, pool: client.key, revokedAt: Date.now() };
  const signed = signStatement(agentRevocation, statement, operator);
  await client.revoke(Buffer.from(toCbor(signed)).toString("base64url"));
  createOutput(flags.json === true).result({ agent, revoked: true }, `Agent ${agent} is revoked and cut off.`);
}

function badKey(received: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `"${received}" is not an agent's key.`,
    next: "Give 64 hexadecimal digits, as `aegis keys list` shows them.",
  });
}

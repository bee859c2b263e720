import { join } from "node:path";
import {
  type AdminChange,
  type AdminRole,
  adminRoles,
  AegisError,
  type Bannable,
  bannable,
  formatBytes,
  fromHex,
  type ParameterName,
  parameterNames,
} from "@aegis-pool/core";
import { PoolAdmin, PoolClient, type PoolRules } from "@aegis-pool/sdk";
import { type Command, Option } from "commander";
import { dateOf } from "../terminal/dates.js";
import { actionsText, agentsText, jobsText, rulesText, statusText } from "../admin/texts.js";
import { poolFolder } from "../home.js";
import { readKeyFile } from "../key-file.js";
import { createOutput } from "../terminal/output.js";
import { addPoolOptions, type PoolFlags } from "./shared-options.js";

interface AdminFlags extends PoolFlags {
  readonly keyFile?: string;
  readonly json?: boolean;
}

export function addAdminCommand(program: Command): void {
  const admin = program.command("admin").description("Run a pool: look, pause, ban, and change how it is run");
  addLooks(admin);
  addPause(admin);
  addBans(admin);
  addOwnersCommands(admin);
  addBackups(admin);
}

function addLooks(admin: Command): void {
  command(admin.command("status", { isDefault: true }), "What goes on, and how the pool is run", "status").action(
    (flags: AdminFlags) => look(flags, (pool) => pool.status(), statusText),
  );
  command(admin.command("agents"), "The agents that are connected", "agents").action((flags: AdminFlags) =>
    look(flags, async (pool) => ({ agents: await pool.agents() }), agentsText),
  );
  command(admin.command("jobs"), "The jobs that are not over", "jobs").action((flags: AdminFlags) =>
    look(flags, async (pool) => ({ jobs: await pool.jobs() }), jobsText),
  );
  command(admin.command("actions"), "What was done, by whom", "actions").action((flags: AdminFlags) =>
    look(flags, async (pool) => ({ actions: await pool.actions() }), actionsText),
  );
}

function addPause(admin: Command): void {
  command(admin.command("pause"), "Take no new work and hand none out; what runs goes on", 'pause "a new version"')
    .argument("<reason>", "what requesters are told")
    .action((reason: string, flags: AdminFlags) => change(flags, { do: "pause", reason }));
  command(admin.command("resume"), "Take work again and hand it out", "resume").action((flags: AdminFlags) =>
    change(flags, { do: "resume" }),
  );
}

function addBans(admin: Command): void {
  const key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  command(admin.command("ban"), "Shut out an agent, an operator or a requester", `ban operator ${key} "forged results"`)
    .argument("<who>", bannable.join(", "))
    .argument("<key>", "its key in hexadecimal")
    .argument("<reason>", "what they are told")
    .action((who: string, hex: string, reason: string, flags: AdminFlags) =>
      change(flags, { do: "ban", who: whoOf(who), key: keyOf(hex), reason }),
    );
  command(admin.command("unban"), "Let them in again", `unban operator ${key}`)
    .argument("<who>", bannable.join(", "))
    .argument("<key>", "its key in hexadecimal")
    .action((who: string, hex: string, flags: AdminFlags) =>
      change(flags, { do: "unban", who: whoOf(who), key: keyOf(hex) }),
    );
}

function addOwnersCommands(admin: Command): void {
  const key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  command(admin.command("set"), "Change a parameter within its bounds", "set resultDays 7")
    .argument("<name>", parameterNames.join(", "))
    .argument("<value>", "a whole number")
    .action((name: string, value: string, flags: AdminFlags) =>
      change(flags, { do: "set", name: parameterOf(name), value: valueOf(value) }),
    );
  command(admin.command("grant"), "Give a key a role", `grant ${key} viewer`)
    .argument("<key>", "in hexadecimal")
    .argument("<role>", adminRoles.join(", "))
    .action((hex: string, role: string, flags: AdminFlags) =>
      change(flags, { do: "grant", key: keyOf(hex), role: roleOf(role) }),
    );
  command(admin.command("dismiss"), "Take a key's role away", `dismiss ${key}`)
    .argument("<key>", "in hexadecimal")
    .action((hex: string, flags: AdminFlags) => change(flags, { do: "dismiss", key: keyOf(hex) }));
}

function addBackups(admin: Command): void {
  command(admin.command("backup"), "Write the running pool into a folder of its own", "backup monday")
    .argument("<name>", "of the folder under backups in the pool's folder: small letters, digits, hyphens")
    .action((name: string, flags: AdminFlags) => backUp(name, flags));
  admin
    .command("restore")
    .description("Make a pool from a backup; then: aegis pool --data FOLDER")
    .argument("<folder>", "the backup's")
    .requiredOption("--data <folder>", "the pool's new folder")
    .option("--database <url>", "an empty PostgreSQL instead of the pool's own")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis admin restore ./my-pool/backups/monday --data ./restored-pool")
    .action(restore);
}

async function backUp(name: string, flags: AdminFlags): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) throw badArgument(`"${name}" is no name`, "Give one such as monday.");
  const { backup } = await (await connect(flags)).change({ do: "backup", name });
  const { folder = "", rows = 0, blobs = { count: 0, bytes: 0 } } = backup ?? {};
  createOutput(flags.json === true).result(
    { folder, rows, blobs },
    `${rows} rows and ${blobs.count} blobs (${formatBytes(blobs.bytes)}) are in ${folder}\n  It holds the pool's keys: keep it as secret as the pool. Copy it to another disk: blobs share theirs with the pool.`,
  );
}

async function restore(from: string, flags: { data: string; database?: string; json?: boolean }): Promise<void> {
  const { restorePool } = await import("@aegis-pool/pool");
  const { pool, at, log, blobs } = await restorePool({ from, directory: flags.data, database: flags.database });
  createOutput(flags.json === true).result(
    { pool, at, log, blobs },
    `The pool ${pool.slice(0, 16)} as it was on ${dateOf(at)} is in ${flags.data}: its books balance, its log has ${log.size} entries.\n  Start it: aegis pool --data ${flags.data}`,
  );
}

function command(made: Command, description: string, example: string): Command {
  return addPoolOptions(made.description(description))
    .addOption(new Option("--key-file <file>", "the administrator's key (default: admin.key in the pool's folder)"))
    .option("--json", "as JSON")
    .addHelpText("after", `\nExample:\n  $ aegis admin ${example}`);
}

async function look<Seen extends object>(
  flags: AdminFlags,
  see: (pool: PoolAdmin) => Promise<Seen>,
  text: (seen: Seen) => string,
): Promise<void> {
  const seen = await see(await connect(flags));
  createOutput(flags.json === true).result(seen, text(seen));
}

async function change(flags: AdminFlags, wanted: AdminChange): Promise<void> {
  const rules: PoolRules = await (await connect(flags)).change(wanted);
  createOutput(flags.json === true).result(rules, rulesText(rules));
}

async function connect({ pool, poolKey, keyFile }: AdminFlags): Promise<PoolAdmin> {
  const client = await PoolClient.connect(pool, poolKey);
  return new PoolAdmin(client, await readKeyFile(keyFile ?? join(poolFolder(), "admin.key"), "--key-file"));
}

const whoOf = (text: string): Bannable => oneOf("who", text, bannable);
const roleOf = (text: string): AdminRole => oneOf("role", text, adminRoles);
const parameterOf = (text: string): ParameterName => oneOf("parameter", text, parameterNames);

function oneOf<T extends string>(what: string, text: string, all: readonly T[]): T {
  const found = all.find((each) => each === text);
  if (found !== undefined) return found;
  throw badArgument(`"${text}" is no ${what}`, `Give one of ${all.join(", ")}.`);
}

function keyOf(hex: string): Uint8Array {
  const key = fromHex(hex);
  if (key?.length === 32) return key;
  throw badArgument(`"${hex}" is no key`, "Give 64 hexadecimal digits, as aegis admin agents lists them.");
}

function valueOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badArgument(`"${text}" is no whole number`, "See the bounds: aegis admin status.");
}

function badArgument(what: string, next: string): AegisError {
  return new AegisError({ code: "bad-argument", message: `${what}.`, next });
}

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AegisError, formatAis, nanoAisPerAis } from "@aegis-pool/core";
import { createEd25519Signer, writeAtomically } from "@aegis-pool/platform";
import { Account, Pool } from "@aegis-pool/sdk";
import { type AuditInput, collectContracts } from "@aegis-pool/workload-audit";
import { AuditReports, submitAudit } from "../audit-job.js";
import { describeProgress } from "../jobs/follow.js";
import { untilInterrupted } from "../interrupts.js";
import { findingsText } from "../terminal/findings.js";
import { bold, type Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { AgentsTable, type DemoAgent } from "./agents-table.js";
import { cheatText, type CheatFacts } from "./cheat-facts.js";
import { runCheat } from "./cheat.js";
import { gangText, type GangOutcome, runGang } from "./gang.js";
import { type DemoProcess, startAegis, stopAegis } from "./children.js";
import { demoMachines } from "./machines.js";

/** Test money of the demo's requester, in nAIS. */
const demoMoney = 10n * nanoAisPerAis;

/** What the demo did, for `--json`. */
export interface DemoOutcome {
  readonly contracts: number;
  readonly audited: number;
  readonly failed: readonly { readonly path: string; readonly why: string }[];
  readonly killed: string;
  readonly report: string;
  readonly cheat: CheatFacts;
}

interface Stage {
  readonly output: Output;
  readonly folder: string;
  readonly started: DemoProcess[];
  readonly url: string;
  readonly agents: (DemoAgent & { readonly child: DemoProcess })[];
}

/** A pool and three machines on this one; a real job; one machine dies half-way; then one among newcomers cheats. */
export async function runDemo(
  output: Output,
  options: { keep: boolean; limit: number | undefined },
): Promise<DemoOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "aegis-demo-"));
  const started: DemoProcess[] = [];
  const stopAll = async () => {
    await Promise.all(started.slice(1).map(stopAegis));
    await Promise.all(started.slice(0, 1).map(stopAegis));
    await rm(folder, { recursive: true, force: true });
  };
  const interrupted = untilInterrupted();
  try {
    const stage = await raise(output, folder, started);
    const outcome = await play(stage, options.limit, interrupted);
    if (options.keep) await keepOpen(stage, interrupted);
    return outcome;
  } finally {
    await stopAll();
  }
}

async function raise(output: Output, folder: string, started: DemoProcess[]): Promise<Stage> {
  output.note(`${bold("1. A pool")} with its own PostgreSQL, and three machines that lend unequal parts to it`);
  const pool = await startAegis([
    "pool",
    "--port",
    "0",
    "--data",
    join(folder, "pool"),
    "--challenge",
    "1000",
    "--test-money",
  ]);
  started.push(pool);
  const url = String(pool.ready["url"]);
  output.note(`   pool at ${url}`);
  const agents: Stage["agents"] = [];
  for (const { name, share } of demoMachines()) {
    const child = await startAegis(["agent", "--pool", url, "--share", share, "--state", join(folder, name)]);
    started.push(child);
    const { agent, slots } = child.ready;
    agents.push({ name, share, key: String(agent), killed: false, child });
    output.note(`   ${name} lends ${share}: ${String(slots)} slot${slots === 1 ? "" : "s"}`);
  }
  return { output, folder, started, url, agents };
}

async function play(
  { output, url, agents, folder, started }: Stage,
  limit: number | undefined,
  interrupted: Promise<unknown>,
): Promise<DemoOutcome> {
  const contracts = (await demoContracts()).slice(0, limit);
  output.note(`${bold("2. A job")}: ${contracts.length} contracts, each sealed to the machine that audits it`);
  const key = createEd25519Signer();
  const pool = await Pool.connect(url, { account: key });
  const account = new Account(pool.client, key);
  await account.fund(demoMoney);
  const job = await submitAudit(pool, contracts, {});
  let cancelled = false;
  const cancel = () => {
    cancelled = true;
    job.cancel();
  };
  void interrupted.then(cancel);
  const reports = new AuditReports(contracts);
  const table = new AgentsTable(pool.client.key);
  const progress = createProgress("  ", output.json);
  let gang: Promise<GangOutcome> | undefined;
  for await (const result of job) {
    reports.take(result);
    table.take(result);
    const { finished, total } = job.progress;
    progress.update(finished, total, describeProgress(job.progress));
    if (cancelled || finished < Math.floor(total / 2)) continue;
    kill(agents, output);
    gang ??= runGang(pool, agents, interrupted);
  }
  progress.end();
  if (cancelled || !gang) throw interruption();
  output.note(gangText(await gang));
  const report = await showReport(output, reports);
  await showAgents({ output, agents, pool }, table);
  const scene = runCheat({ pool, account, url, folder, started, interrupted });
  output.note(
    `${bold("5. A cheat")}: eight more operators lend a slot each; one of them answers a number too high, and asks for least`,
  );
  const cheat = await scene;
  output.note(cheatText(cheat));
  const killed = agents.find((agent) => agent.killed)?.name ?? "";
  const { audited, failed } = reports;
  const outcome = { contracts: contracts.length, audited, failed, killed, report, cheat };
  return conclude(output, outcome, job.progress.spent);
}

/** The second machine loses its power: no goodbye, no hand-back. */
function kill(agents: Stage["agents"], output: Output): void {
  const victim = agents[1];
  if (!victim || victim.killed) return;
  victim.killed = true;
  victim.child.process.kill("SIGKILL");
  output.note(`\n   ${bold(`${victim.name} is killed without warning`)}; its tasks go back into the queue`);
}

/** What each agent has proven, in µSCU, by key. */
async function provenSpeeds(pool: Pool, agents: Stage["agents"]): Promise<Map<string, number>> {
  const last = agents.map(async ({ key }): Promise<[string, number]> => {
    const [rating] = await pool.ratingsOf(key);
    return [key, rating?.reason === "proven" ? rating.slotSpeed * rating.slots : 0];
  });
  return new Map(await Promise.all(last));
}

/** What power costs at the end, which everybody may ask. */
async function pricesText({ client }: Pool): Promise<string> {
  const books = await client.orderBooks();
  const { last, offers } = books.find((book) => book.class === "cpu") ?? { last: undefined, offers: [] };
  if (!last) return "   Prices: nothing has been leased";
  const floors = offers.map(({ price }) => price);
  const asked = floors.length > 0 ? `; free slots ask ${Math.min(...floors)} at least` : "";
  return `   Prices, in nAIS per SCU-second: the last ${last.count} leases cost ${last.median} at the median and nine in ten at most ${last.high}${asked}`;
}

/** What the pool's books say, which everybody may ask. */
async function booksText({ client }: Pool): Promise<string> {
  const { totals, sum } = await client.books();
  const of = (kind: string) => formatAis(totals.get(kind) ?? 0n);
  const verdict = sum === 0n ? "The books balance" : `The books do NOT balance (${sum} nAIS)`;
  return `   ${verdict}: operators have ${of("operator")}, fees are ${of("fees")}, ${of("escrow")} are still set aside`;
}

/** @returns where the whole report is */
async function showReport(output: Output, reports: AuditReports): Promise<string> {
  const folder = join(process.cwd(), "demo-report");
  await mkdir(folder, { recursive: true });
  const report = join(folder, "audit.sarif");
  const sarif = reports.merged();
  await writeAtomically(report, `${JSON.stringify(sarif, null, 2)}\n`, 0o644);
  for (const { path, why } of reports.failed) output.note(`   not audited: ${path}: ${why}`);
  output.note(`${bold("3. What was found")}\n${findingsText(sarif, 25)}`);
  return report;
}

async function showAgents(
  { output, agents, pool }: Pick<Stage, "output" | "agents"> & { pool: Pool },
  table: AgentsTable,
): Promise<void> {
  output.note(`${bold("4. Who did it")}\n${table.text(agents, await provenSpeeds(pool, agents))}`);
  output.note("   * proven by computing what the pool then checked; rewards are on the operators' accounts");
  output.note(await pricesText(pool));
  output.note(await booksText(pool));
}

function conclude(output: Output, outcome: DemoOutcome, spent: bigint): DemoOutcome {
  const { audited, contracts, killed, report, cheat } = outcome;
  output.result(
    outcome,
    [
      `${bold(`${audited} of ${contracts} contracts audited`)} for ${formatAis(spent)}, although ${killed} was killed half-way; ${cheat.right} of ${cheat.values.length} checked results right, although one operator cheated.`,
      `Report: ${report} (SARIF 2.1.0; editors and code hosts show it)`,
      "Next:",
      "  npx aegis pool --test-money                           open your own pool",
      '  npx aegis agent --share "cpu=50%,memory=2GiB"         lend this machine to it',
      "  npx aegis audit path/to/contracts                     audit your own contracts",
      "  npx aegis doctor                                      see what this machine can lend",
    ].join("\n"),
  );
  return outcome;
}

/** Our own vulnerable contracts, then every contract of @openzeppelin/contracts. */
async function demoContracts(): Promise<AuditInput[]> {
  const workload = dirname(dirname(fileURLToPath(import.meta.resolve("@aegis-pool/workload-audit"))));
  const require = createRequire(import.meta.url);
  const openZeppelin = dirname(require.resolve("@openzeppelin/contracts/package.json"));
  return [...(await collectContracts([join(workload, "contracts")])), ...(await collectContracts([openZeppelin]))];
}

async function keepOpen({ output, url, agents }: Stage, interrupted: Promise<unknown>): Promise<void> {
  const alive = agents.filter(({ killed }) => !killed).map(({ name }) => name);
  output.note(`${bold("The pool stays open")} at ${url} with ${alive.join(" and ")}. Ctrl-C ends it.`);
  await interrupted;
}

function interruption(): AegisError {
  return new AegisError({
    code: "cancelled",
    message: "The demo was interrupted; everything it had started is stopped.",
    next: "Run it again whenever you like: it leaves nothing behind.",
  });
}

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
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
import { AgentsTable } from "./agents-table.js";
import { type DemoEarnings, runEarnings } from "./earnings.js";
import { confirmations } from "./local-chain.js";
import { lendersText, type LendersOutcome, runLenders } from "./lenders.js";
import { raise, type Stage } from "./stage.js";
import { cheatText, type CheatFacts } from "./cheat-facts.js";
import { runCheat } from "./cheat.js";
import { gangText, type GangOutcome, runGang } from "./gang.js";
import { type DemoProcess, stopAegis } from "./children.js";

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
  readonly earnings: DemoEarnings;
  readonly lenders: LendersOutcome;
}

/** How the demo is played. */
export interface DemoOptions {
  /** The pool and its agents go on afterwards. */
  readonly keep: boolean;
  /** Contracts that are audited. */
  readonly limit: number | undefined;
  /** On a chain of this machine's own. */
  readonly chain: boolean;
  /** A file of applicants for the last scene; invented ones by default. */
  readonly data: string | undefined;
}

/** A pool and three machines on this one; a real job; one machine dies half-way; then one among newcomers cheats; in the end all is settled, and lenders train together. */
export async function runDemo(output: Output, options: DemoOptions): Promise<DemoOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "aegis-demo-"));
  const started: DemoProcess[] = [];
  let stage: Stage | undefined;
  const stopAll = async () => {
    await Promise.all(started.slice(1).map(stopAegis));
    await Promise.all(started.slice(0, 1).map(stopAegis));
    await stage?.chain?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let isInterrupted = false;
  const interrupted = untilInterrupted();
  void interrupted.then(() => (isInterrupted = true));
  try {
    stage = await raise(output, { folder, started, chain: options.chain });
    const outcome = await play(stage, options, interrupted);
    if (options.keep) await keepOpen(stage, interrupted);
    return outcome;
  } catch (error) {
    throw isInterrupted ? interruption() : error; // Ctrl-C reaches what was being started too
  } finally {
    await stopAll();
  }
}

async function play(
  stage: Stage,
  { limit, data }: Pick<DemoOptions, "limit" | "data">,
  interrupted: Promise<undefined>,
): Promise<DemoOutcome> {
  const { output, url, agents, folder, started } = stage;
  const contracts = (await demoContracts()).slice(0, limit);
  output.note(`${bold("2. A job")}: ${contracts.length} contracts, each sealed to the machine that audits it`);
  const key = createEd25519Signer();
  const pool = await Pool.connect(url, { account: key });
  const account = new Account(pool.client, key);
  await fill(account, stage);
  const { reports, table, spent } = await audit(pool, stage, { contracts, interrupted });
  const report = await showReport(output, reports);
  await showAgents({ output, agents, pool }, table);
  const scene = runCheat({ pool, account, url, folder, started, interrupted });
  output.note(
    `${bold("5. A cheat")}: eight more operators lend a slot each; one of them answers a number too high, and asks for least`,
  );
  const cheat = await scene;
  output.note(cheatText(cheat));
  output.note(`${bold("6. Earnings")}: when the epoch ends that runs now, everybody can recompute what was earned`);
  const earnings = await Promise.race([runEarnings(pool.client, stage, dirname(report)), interrupted]);
  if (!earnings) throw interruption();
  output.note(
    `${bold("7. Training together")}: six lenders, and none shows its applicants to anybody; all of them run here, each would be elsewhere`,
  );
  const lenders = await runLenders({ pool, account: key, folder, output, data, interrupted });
  output.note(lendersText(lenders));
  const killed = agents.find((agent) => agent.killed)?.name ?? "";
  const { audited, failed } = reports;
  const outcome = { contracts: contracts.length, audited, failed, killed, report, cheat, earnings, lenders };
  return conclude(output, outcome, spent);
}

/** The requester's money: AIS that are paid in on the chain, or else money to play with. */
async function fill(account: Account, { chain, output }: Stage): Promise<void> {
  if (!chain) return void (await account.fund(demoMoney));
  await chain.payIn(account, demoMoney);
  output.note(`   the requester pays in ${formatAis(demoMoney)} on the chain; credited after ${confirmations} blocks`);
}

/** All contracts are audited; half-way the second machine dies, and a gang of tasks begins. */
async function audit(
  pool: Pool,
  { output, agents }: Stage,
  { contracts, interrupted }: { readonly contracts: AuditInput[]; readonly interrupted: Promise<undefined> },
) {
  const job = await submitAudit(pool, contracts, {});
  let cancelled = false;
  const cancel = () => {
    cancelled = true;
    job.cancel();
  };
  void interrupted.then(cancel);
  const [reports, table] = [new AuditReports(contracts), new AgentsTable(pool.client.key)];
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
  return { reports, table, spent: job.progress.spent };
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
  const { audited, contracts, killed, report, cheat, earnings } = outcome;
  output.result(
    outcome,
    [
      `${bold(`${audited} of ${contracts} contracts audited`)} for ${formatAis(spent)}, although ${killed} was killed half-way; ${cheat.right} of ${cheat.values.length} checked results right, although one operator cheated.`,
      `Report: ${report} (SARIF 2.1.0; editors and code hosts show it)`,
      `Epoch ${earnings.epoch}: root ${earnings.root} (recompute it: npx aegis epoch verify ${relative(process.cwd(), earnings.file)})`,
      "Next:",
      "  npx aegis pool --test-money                           open your own pool",
      '  npx aegis agent --share "cpu=50%,memory=2GiB"         lend this machine to it',
      ...(earnings.claimed === undefined
        ? ["  npm run demo -- --chain                               see it settle on a chain of this machine's own"]
        : []),
      "  npx aegis audit path/to/contracts                     audit your own contracts",
      "  npx aegis federate create --participants 5            train with others, on data that nobody shows",
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

async function keepOpen({ output, url, agents }: Stage, interrupted: Promise<undefined>): Promise<void> {
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

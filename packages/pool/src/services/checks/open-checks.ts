import { randomInt } from "node:crypto";
import { fromCbor, judgedRuns, readStatement, runStatement, type Signed, taskManifest, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { allHeld, type OpenHeldRow } from "../../store/held-rows.js";
import { runsOf, signedManifestOf, taskOf } from "../../store/task-reads.js";
import { allTrust } from "../../store/trust-rows.js";
import type { LiveJob } from "../market/live.js";
import type { PoolServices } from "../index.js";
import { Checks } from "./checks.js";
import { type JudgementParts, Judgements } from "./judgements.js";
import { type HeldBefore, runOf } from "./open-check.js";
import { indebt, settleHeld } from "./settlements.js";

/** The checks and judgements of a pool, with what is known of its agents and what is held for them. */
export async function openChecks(
  services: Pick<PoolServices, "commit" | "database" | "identities" | "ledger" | "log" | "clock" | "market">,
  count: JudgementParts["count"],
): Promise<Pick<PoolServices, "checks" | "judgements">> {
  const { commit, database, identities, ledger, log, clock: now, market } = services;
  const { sessions, submissions, board, matcher } = market;
  const operatorOf = (agent: string) => {
    const operator = identities.find(agent)?.operator;
    return operator && toHex(operator);
  };
  const drop = (number: number) => {
    const task = board.tasks.get(number);
    if (task?.position.state === "queued") market.jobs.cancelTask(task);
  };
  const writes = { settle: settleHeld({ money: ledger.money, now }), indebt: indebt({ now }) };
  const about = { sessions, submissions, commit, primitives, log, operatorOf, drop, random, now, writes };
  const reconsider = (agent: string) => matcher.consider(agent);
  const reads = {
    jobs: board.jobs,
    runsOf: (numbers: readonly number[]) => runsOf(database, numbers),
    manifestOf: (job: LiveJob, task: number) => signedManifestOf(database, job.key, task),
    reconsider,
  };
  const held = (await allHeld(database)).flatMap((row) => heldBefore(row) ?? []);
  const [judged, checked] = [held.filter(({ isJudged }) => isJudged), held.filter(({ isJudged }) => !isJudged)];
  const checks = new Checks({ ...about, ...reads }, await allTrust(database), checked);
  const inputOf = async (job: LiveJob, task: number) => (await taskOf(database, job.key, task))?.input;
  const judgements = new Judgements({ ...about, ...reads, inputOf, count }, judged);
  const each = [checks, judgements];
  market.jobs.onLeft = (job) => each.forEach((one) => one.left(job));
  market.jobs.onArrived = (job) => each.forEach((one) => one.arrived(job));
  board.isNovice = checks.isNovice;
  return { checks, judgements };
}

function heldBefore(row: OpenHeldRow): HeldBefore | undefined {
  const manifest = readStatement(taskManifest, { body: row.manifest, signature: new Uint8Array(0) });
  if (!manifest) return undefined; // deleted long ago
  const { number, job, held_at: heldAt } = row;
  const of = { task: row.replica_of ?? number, number, job, operator: toHex(row.operator) };
  const { requirements } = manifest;
  const run = runOf(readStatement(runStatement, fromCbor(row.run) as Signed), { ...of, requirements });
  const isJudged = judgedRuns(requirements) !== undefined;
  return run && { run, heldAt, isReplica: row.replica_of !== null, isJudged };
}

const steps = 2 ** 32;

/** From the system's own generator: whoever could foresee it would know when to lie. */
function random(): number {
  return randomInt(steps) / steps;
}

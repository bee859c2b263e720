import { randomInt } from "node:crypto";
import { fromCbor, readStatement, type Signed, taskManifest, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { allHeld, type OpenHeldRow } from "../../store/held-rows.js";
import { runsOf, signedManifestOf } from "../../store/task-reads.js";
import { allTrust } from "../../store/trust-rows.js";
import type { LiveJob } from "../market/live.js";
import type { PoolServices } from "../index.js";
import { Checks } from "./checks.js";
import type { HeldBefore } from "./held-results.js";
import { runOf } from "./open-check.js";
import { indebt, settleHeld } from "./settlements.js";

/** The checks of a pool, with what is known of its agents and what is held for them. */
export async function openChecks(
  services: Pick<PoolServices, "commit" | "database" | "identities" | "ledger" | "log" | "clock" | "market" | "signer">,
): Promise<Checks> {
  const { commit, database, identities, ledger, log, clock: now, market, signer } = services;
  const { sessions, submissions, board, matcher } = market;
  const operatorOf = (agent: string) => {
    const operator = identities.find(agent)?.operator;
    return operator && toHex(operator);
  };
  const drop = (number: number) => {
    const task = board.tasks.get(number);
    if (task?.position.state === "queued") market.jobs.cancelTask(task);
  };
  const writes = { settle: settleHeld({ signer, primitives, money: ledger.money, now }), indebt: indebt({ now }) };
  const about = { sessions, submissions, commit, primitives, log, operatorOf, drop, random, now, writes };
  const reconsider = (agent: string) => matcher.consider(agent);
  const reads = {
    jobs: board.jobs,
    runsOf: (numbers: readonly number[]) => runsOf(database, numbers),
    manifestOf: (job: LiveJob, task: number) => signedManifestOf(database, job.key, task),
    reconsider,
  };
  const held = (await allHeld(database)).flatMap((row) => heldBefore(row) ?? []);
  const checks = new Checks({ ...about, ...reads }, await allTrust(database), held);
  market.jobs.onLeft = (job) => checks.left(job);
  market.jobs.onArrived = (job) => checks.arrived(job);
  board.isNovice = checks.isNovice;
  return checks;
}

function heldBefore(row: OpenHeldRow): HeldBefore | undefined {
  const manifest = readStatement(taskManifest, { body: row.manifest, signature: new Uint8Array(0) });
  if (!manifest) return undefined; // deleted long ago
  const { number, job, held_at: heldAt } = row;
  const of = { task: row.replica_of ?? number, number, job, operator: toHex(row.operator) };
  const run = runOf(fromCbor(row.run) as Signed, { ...of, requirements: manifest.requirements });
  return run && { run, heldAt, passed: row.passed ?? undefined, isReplica: row.replica_of !== null };
}

const steps = 2 ** 32;

/** From the system's own generator: whoever could foresee it would know when to lie. */
function random(): number {
  return randomInt(steps) / steps;
}

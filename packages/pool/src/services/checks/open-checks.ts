import { randomInt } from "node:crypto";
import { toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { PoolServices } from "../index.js";
import { Checks } from "./checks.js";

/** The checks of a pool, with what is known of its agents. */
export async function openChecks(
  services: Pick<PoolServices, "commit" | "database" | "identities" | "log" | "clock" | "market">,
): Promise<Checks> {
  const { commit, database, identities, log, clock, market } = services;
  const { sessions, submissions } = market;
  const operatorOf = (agent: string) => {
    const operator = identities.find(agent)?.operator;
    return operator && toHex(operator);
  };
  const drop = (number: number) => {
    const task = market.board.tasks.get(number);
    if (task?.position.state === "queued") market.jobs.cancelTask(task);
  };
  const about = { sessions, submissions, commit, primitives, log, operatorOf, drop, random, now: clock };
  const checks = await Checks.open(about, database);
  market.jobs.onLeft = (job) => checks.left(job);
  return checks;
}

const steps = 2 ** 32;

/** From the system's own generator: whoever could foresee it would know when to lie. */
function random(): number {
  return randomInt(steps) / steps;
}

import type { Pool, TaskMatch } from "@aegis-pool/sdk";
import { AegisError } from "@aegis-pool/core";
import { formatDuration } from "../durations.js";
import type { DemoAgent } from "./agents-table.js";
import { countPrimes } from "./primes.js";

const below = 1_000_000;

/** What became of a gang of two tasks. */
export interface GangOutcome {
  readonly primes: number;
  /** The machines' names. */
  readonly machines: readonly string[];
  /** From its submission until both tasks had a machine, in ms. */
  readonly waitedMs: number;
}

/**
 * Counts primes in two halves that begin together, while other work keeps the machines busy: the pool keeps each for the gang as
 * it becomes free.
 */
export async function runGang(
  pool: Pool,
  agents: readonly DemoAgent[],
  interrupted: Promise<unknown>,
): Promise<GangOutcome> {
  const matches: TaskMatch[] = [];
  const begunAt = performance.now();
  let waitedMs = 0;
  const halves = [
    { from: 2, to: below / 2 },
    { from: below / 2, to: below },
  ];
  const onMatched = (match: TaskMatch) => {
    matches.push(match);
    waitedMs = performance.now() - begunAt;
  };
  const job = await pool.map<number, { from: number; to: number }>(countPrimes, halves, { gang: 2, onMatched });
  void interrupted.then(() => job.cancel());
  const counts = await job.values();
  const machines = matches.map(({ agent }) => agents.find(({ key }) => key === agent)?.name ?? agent.slice(0, 8));
  return { primes: counts.reduce((sum, count) => sum + count, 0), machines: [...new Set(machines)], waitedMs };
}

/** @throws {AegisError} `internal` where the number of primes is wrong */
export function gangText({ primes, machines, waitedMs }: GangOutcome): string {
  if (primes !== 78_498) throw wrongCount(primes);
  const waited = formatDuration(waitedMs);
  return `   a gang of two waited ${waited}, machines being kept for it as they became free, and began on ${machines.join(" and ")} together: ${primes} primes below ${below}`;
}

const wrongCount = (primes: number) =>
  new AegisError({
    code: "internal",
    message: `The gang counted ${primes} primes below ${below}; there are 78498.`,
    next: "Report it: a machine here computes wrongly, or this version does.",
  });

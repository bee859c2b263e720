import {
  chargedPrice,
  chargeFor,
  leasePrice,
  type PaidWork,
  pauseAfterMiss,
  ratingRules,
  workOf,
} from "@aegis-pool/core";
import { type AgentDay, startOf } from "./market.js";

export const dayMs = 24 * 3_600_000;

/** One task as it is offered. */
export interface Task {
  readonly job: string;
  /** ms since the epoch began. */
  readonly at: number;
  /** µSCU-seconds that it takes and that it may be paid for. */
  readonly work: number;
  readonly maxWork: number;
  readonly topPrice: number;
  readonly memoryGiB: number;
  readonly isComplex: boolean;
}

/** A lease's price and work, and what it cost its requester in nAIS. */
type Lease = PaidWork & { readonly charge: number };

/** The lease of a task, as production charges it; `waitingTop` is what the next in line would have paid. */
export function runTask(day: AgentDay, task: Task, waitingTop: number | undefined): Lease {
  const { speed } = day.agent;
  const leaseMs = (task.work / speed) * 1_000;
  const found = BigInt(leasePrice(task.topPrice, day.floor, waitingTop));
  const price = chargedPrice(found, { requirements: {}, maxWork: task.maxWork });
  const { work, charge, reward } = chargeFor({ leaseMs, speed, maxWork: task.maxWork, price });
  day.freeAt = startOf(day, task.at) + leaseMs;
  day.busyMs += leaseMs;
  day.work += work;
  if (task.isComplex) day.complexWork += work;
  day.earned += Number(reward);
  return { price: Number(price), work, charge: Number(charge) };
}

/** What an agent runs of its own requester, from the epoch's beginning on: the charge goes in a circle, but for the fee. */
export function runOwn(day: AgentDay): PaidWork[] {
  const { agent } = day;
  const { part, price, number } = agent.behaviour.own ?? { part: 0, price: 0, number: 0 };
  const leaseMs = (part * dayMs) / Math.max(1, number);
  return Array.from({ length: number }, () => {
    const maxWork = workOf(agent.speed, leaseMs);
    const charged = chargedPrice(BigInt(price), { requirements: {}, maxWork });
    const { work, charge, reward } = chargeFor({ leaseMs, speed: agent.speed, maxWork, price: charged });
    day.offered++;
    day.freeAt += leaseMs;
    day.ownCost += Number(charge - reward);
    return { price: Number(charged), work };
  });
}

/** Who comes back under a new key after a miss has missed nothing, and is worth nothing until it has proven its speed again. */
export function comeBack(day: AgentDay, now: number): void {
  if (!day.agent.behaviour.takesNewKeys) return;
  day.freeAt = now + ratingRules.slotEveryMs;
  day.lostMs += hereMs(day, now, day.freeAt);
  [day.offered, day.missed] = [0, 0];
}

/** µSCU-seconds that it was connected with a proven speed. */
export function connectedOf({ agent, lostMs, away: [from, to] }: AgentDay): number {
  return Math.floor((agent.speed * Math.max(0, dayMs - (to - from) - lostMs)) / 1_000);
}

/** It has not taken what it was offered at `now`, is left alone until `leftAlone`, and does not count for a while. */
export function missOne(day: AgentDay, now: number, leftAlone: number): void {
  day.missed++;
  const until = Math.max(leftAlone, now + pauseAfterMiss(day.missed));
  day.pausedMs += hereMs(day, Math.max(now, day.pausedUntil), until);
  day.pausedUntil = Math.max(day.pausedUntil, until);
}

/** How much of a time it is connected for and that is of this epoch, in ms. */
function hereMs({ away: [from, to] }: AgentDay, start: number, end: number): number {
  const until = Math.min(end, dayMs);
  return Math.max(0, until - start) - Math.max(0, Math.min(until, to) - Math.max(start, from));
}

/** What is left of the µSCU-seconds that it was connected without its pauses after misses. */
export function availableOf({ agent, pausedMs }: AgentDay, connected: number): number {
  return Math.max(0, connected - Math.floor((agent.speed * pausedMs) / 1_000));
}

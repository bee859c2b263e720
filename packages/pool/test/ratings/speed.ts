import { RowCommitment, type SpeedChallenge, type ToAgent } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { onTestFinished } from "vitest";
import { type AgentLink, type AgentSetup, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { honestRows } from "../../../../test/fixtures/speed-product.js";
import type { TestPool } from "../../../../test/fixtures/test-pool.js";

/** Claims that make a challenge of 30 steps with matrices of 256 columns last a second. */
export const claimed = { fp32FlopsPerSecond: 1_000_000_000, memoryBytesPerSecond: 500_000_000 };
/** Short challenges, and no slots: a test whose clock goes fast would meet one now and then. */
export const ratings = { challengeMs: 1_000, challengeSize: 256, slotEveryMs: 1e12 };
/** The same, with slots at random times, every two hours in the mean. */
export const ratingsWithSlots = { challengeMs: 1_000, challengeSize: 256 };

type Challenge = Extract<ToAgent, { type: "speed-challenge" }>;

/** What an honest agent commits to. */
export function honestCommitment(challenge: SpeedChallenge): RowCommitment {
  return new RowCommitment(honestRows(challenge), primitives);
}

/** What one commits to who leaves every so-and-so-many-th row out. */
export function skipping(challenge: SpeedChallenge, every: number): RowCommitment {
  const rows = honestRows(challenge).map((row, index) => (index % every === 0 ? new Uint8Array(row.length) : row));
  return new RowCommitment(rows, primitives);
}

/** What one commits to who leaves the last step out. */
export function hasty(challenge: SpeedChallenge): RowCommitment {
  return honestCommitment({ ...challenge, steps: challenge.steps - 1 });
}

/** What one commits to who computes nothing. */
export function garbage({ size }: SpeedChallenge): RowCommitment {
  const rows = Array.from({ length: size }, () => new Uint8Array(size * 2).fill(0xff));
  return new RowCommitment(rows, primitives);
}

/** A connected agent that has been asked to prove its speed, as everyone is who comes without a proof. */
export async function challenged(pool: TestPool, setup: AgentSetup = {}) {
  const offer = { speeds: claimed, ...setup.offer };
  const { agent, link } = await ScriptedAgent.ready(pool, { ...setup, offer });
  onTestFinished(() => link.close());
  return { agent, link, asked: await link.next("speed-challenge") };
}

/** The same agent after a while, asking for one task. */
export async function comesBack(agent: ScriptedAgent): Promise<AgentLink> {
  const link = await agent.connect();
  onTestFinished(() => link.close());
  link.send({ type: "capacity", leases: 1 });
  return link;
}

/** A task that this agent alone may have, ready to be matched. */
export async function taskFor(pool: TestPool, agent: ScriptedAgent, options: { readonly timeLimitMs?: number } = {}) {
  const requester = await ScriptedRequester.create(pool.client, { operators: [agent.operator], ...options });
  await requester.submit(["task"]);
  const releaser = await requester.connect();
  onTestFinished(() => releaser.close());
  await releaser.next("progress");
  return { requester, releaser };
}

/** Computes for `ms` of the pool's time, commits, opens what is asked for; resolves with the rating. */
export async function answer(
  pool: TestPool,
  link: AgentLink,
  { id, challenge }: Pick<Challenge, "id" | "challenge">,
  {
    ms = 1_000,
    commit = honestCommitment,
  }: { ms?: number; commit?: (challenge: SpeedChallenge) => RowCommitment } = {},
) {
  const commitment = commit(challenge);
  pool.clock.advance(ms);
  link.send({ type: "speed-commitment", id, root: commitment.root });
  const { indices } = await link.next("open-rows");
  link.send({ type: "opened-rows", id, rows: commitment.open(indices) ?? [] });
  return link.next("rated");
}

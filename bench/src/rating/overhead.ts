import { randomInt } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { LentDevice } from "@aegis-pool/agent";
import { encodeValue, type Offer, ratingRules, RowCommitment, type SpeedChallenge } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { SlotTimes } from "@aegis-pool/pool";
import { jsProgram } from "@aegis-pool/sdk";
import { canaries, canaryTerms } from "@aegis-pool/workload-canary";
import { anew, openChallengedAgent } from "./challenged-agent.js";

/** What one challenge of production's pool costs a real agent. */
export interface ChallengeCost {
  readonly challenge: SpeedChallenge;
  /** From the challenge until the commitment: the sandboxes' start is part of it. */
  readonly ms: number;
}

/** A second of simulated time: how often a pool looks after its ratings. */
const tickMs = 1_000;
const { challengeMs, challengeSize } = ratingRules;
/** Of each kind, for each slot: what `aegis canary` submits by default. */
const canaryTasks = 4;

/** Has production's pool challenge production's agent once, on this machine. */
export async function measureChallenge(device: LentDevice, offer: Offer): Promise<ChallengeCost> {
  let cost: ChallengeCost | undefined;
  const rated = new Promise<void>((resolve) => {
    const { ratings, session } = openChallengedAgent({
      device: {
        ...device,
        async compute(challenge, precision) {
          const begin = performance.now();
          const commitment = await device.compute(challenge, precision);
          cost = { challenge, ms: performance.now() - begin };
          return commitment;
        },
      },
      offer,
      options: { challengeMs, challengeSize },
      now: () => performance.now(),
      onRated: resolve,
    });
    ratings.consider(session);
  });
  await rated;
  if (!cost) throw new Error("the agent did not compute the challenge");
  return cost;
}

/** How long an agent works for one round of `aegis canary`, in ms: every kind, in a sandbox of its own. */
export async function measureCanaries({ engines, lent }: LentDevice): Promise<number> {
  const begin = performance.now();
  for (const { source, inputs } of canaries(canaryTasks, () => randomInt(2 ** 32))) {
    const { timeLimitMs: timeMs, outputBytes } = canaryTerms;
    const limits = { timeMs, outputBytes, memoryBytes: lent.memoryBytesPerSlot / 2, logBytes: 0 };
    const runtime = await engines.open(jsProgram(source), limits);
    for (const input of inputs) {
      const outcome = await runtime.run(encodeValue(input, primitives.text));
      if (!outcome.ok) throw new Error(`a canary failed: ${outcome.reason}`);
    }
    await runtime.close();
  }
  return performance.now() - begin;
}

/** How an idle agent spent a simulated time. */
export interface Spent {
  readonly challenges: number;
  /** Part of its time that it computed for challenges. */
  readonly part: number;
}

/** At a pool that challenges as production does: first, at random slots, and when a proof has expired. */
export async function atProductionRate(cost: ChallengeCost, offer: Offer, days: number): Promise<Spent> {
  const world = new SimulatedAgent(cost);
  const options = { challengeMs, challengeSize };
  const { ratings, session } = openChallengedAgent({
    device: world.device,
    now: world.now,
    offer,
    options,
    onRated: () => undefined,
  });
  const slots = new SlotTimes(ratings, world.now, primitives);
  ratings.consider(session);
  await settled();
  while (world.now() < days * dayMs) {
    world.pass(tickMs);
    slots.tick();
    if (session.challenged) await settled();
  }
  return world.spent;
}

/** At a pool that asks for another challenge whenever the last is over: the agent's own budget is all that bounds it. */
export async function atGreedyPool(cost: ChallengeCost, offer: Offer, days: number): Promise<Spent> {
  const world = new SimulatedAgent(cost);
  const { prover } = openChallengedAgent({
    device: world.device,
    now: world.now,
    offer,
    options: "off",
    onRated: () => undefined,
  });
  while (world.now() < days * dayMs) {
    world.pass(tickMs);
    const before = world.spent.challenges;
    prover.receive(anew(cost.challenge));
    if (world.spent.challenges > before) await settled();
  }
  return world.spent;
}

const dayMs = 24 * 3_600_000;

/** An agent on which a challenge passes as much simulated time as it took in truth. */
class SimulatedAgent {
  readonly #cost: ChallengeCost;
  #nowMs = 0;
  #challenges = 0;
  #commitment: RowCommitment | undefined;

  constructor(cost: ChallengeCost) {
    this.#cost = cost;
  }

  readonly now = (): number => this.#nowMs;

  readonly device: Pick<LentDevice, "class" | "canCompute" | "compute"> = {
    class: "cpu",
    canCompute: () => true,
    compute: async ({ size, blocks }) => {
      this.#challenges++;
      this.pass(this.#cost.ms);
      const rows = Array.from({ length: size * blocks }, () => new Uint8Array(1));
      return (this.#commitment ??= new RowCommitment(rows, primitives)); // to the same nothing each time: hashing takes a while
    },
  };

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  get spent(): Spent {
    return { challenges: this.#challenges, part: (this.#challenges * this.#cost.ms) / this.#nowMs };
  }
}

/** All messages there and back have been taken: each is one turn at most. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await setImmediate();
}

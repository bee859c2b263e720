import { createHash, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { commitmentTo, type Requirements, sealedOpeningBytes, toAgent, toReleaser, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type AgentSession, type Checks, openTrading, type Trading } from "@aegis-pool/pool";
import { ClosedLoop } from "../lifecycle/closed-loop.js";
import { type CheckedAgent, DirectAgent, newAgentKeys } from "../lifecycle/direct-agent.js";
import { DirectJob, taskKeys } from "../lifecycle/direct-job.js";
import { silentLog } from "../market/silent-log.js";
import { OwnTime } from "./own-time.js";

/** Each of an operator of its own; with fewer than twenty that are trusted, novices would be treated otherwise. */
const agentCount = 25;
const inFlight = 500;
/** As the pool itself does it. */
const sweepMs = 1_000;
/** How often a round looks whether its last check has ended: to look costs nothing worth counting. */
const quietMs = 20;
/** Valid results in a row, before: 600 are enough to be checked as seldom as anybody is. */
const validBefore = 10_000;

const deterministic: Partial<Requirements> = { deterministic: true };
const spot: Partial<Requirements> = { ...deterministic, verification: { policy: "spot" } };
const quorum: Partial<Requirements> = { ...deterministic, verification: { policy: "quorum", agreeing: 2 } };

/** All agents answer the same, since they run nothing. */
const [nonce, fingerprint] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

/** Who looks after results: nobody, others now and then, or others and nothing is paid before. */
export type CheckPolicy = "none" | "spot" | "quorum";

/** What so many tasks took. */
export interface CheckedRound {
  /** Processor time of this process, without what agents and requesters do themselves. */
  readonly cpuMs: number;
  /** Tasks that were run again. */
  readonly checks: number;
  /** Held results that became final meanwhile. */
  readonly final: number;
}

/** A pool's whole market with its checks, called directly, and honest agents that it has known for long. */
export class CheckedMarket {
  readonly #trading: Trading;
  readonly #checks: Checks;
  readonly #agents: readonly CheckedAgent[];
  readonly #own: OwnTime;
  readonly #jobs: Readonly<Record<CheckPolicy, DirectJob>>;
  readonly #sweeping: NodeJS.Timeout;
  /** Tasks that are being run again, by number, and how many ever were. */
  readonly #open = new Set<number>();
  #checked = 0;
  #loop: ClosedLoop | undefined;

  static async open(directory: string): Promise<CheckedMarket> {
    const trading = await openTrading(directory, (error) => {
      throw error;
    });
    const program = randomBytes(64);
    const hash = createHash("sha256").update(program).digest();
    await trading.blobs.append(toHex(hash), 0, bytes(program));
    await trading.blobs.complete(toHex(hash));
    const own = new OwnTime();
    const heard: { market?: CheckedMarket } = {};
    const agents = Array.from({ length: agentCount }, () =>
      checkedAgent(own, (session, shown) => heard.market?.show(session, shown)),
    );
    for (const agent of agents) await DirectAgent.connect(trading, Math.ceil(inFlight / agentCount), agent);
    await trustAll(trading);
    const checks = await trading.openChecks(silentLog);
    const open = (requirements: Partial<Requirements>) =>
      DirectJob.open(trading, hash, {
        requirements,
        onMessage: (job, message) => heard.market?.tell(job, message),
      });
    const jobs = { none: await open(deterministic), spot: await open(spot), quorum: await open(quorum) };
    const market = new CheckedMarket({ trading, checks, agents, own, jobs });
    heard.market = market;
    await checks.sweep();
    return market;
  }

  private constructor(parts: {
    trading: Trading;
    checks: Checks;
    agents: readonly CheckedAgent[];
    own: OwnTime;
    jobs: Readonly<Record<CheckPolicy, DirectJob>>;
  }) {
    this.#trading = parts.trading;
    this.#checks = parts.checks;
    this.#agents = parts.agents;
    this.#own = parts.own;
    this.#jobs = parts.jobs;
    this.#sweeping = setInterval(() => void this.#checks.sweep(), sweepMs);
    this.#trading.market.transitions.effects.onOutcome = (task, outcome) => {
      this.#checks.ended(task, outcome);
      if (task.replicaOf === undefined) this.#loop?.ended(1);
    };
  }

  /** Runs `total` tasks to their end, with everything that follows from them. */
  async run(total: number, policy: CheckPolicy): Promise<CheckedRound> {
    const job = this.#jobs[policy];
    for (const agent of this.#agents) agent.check = policy === "none" ? undefined : checkOf(agent);
    const tasks = job.prepare(total);
    const before = { checked: this.#checked, final: await this.#final() };
    const begun = this.#own.pool();
    this.#loop = new ClosedLoop({ total, inFlight, submit: (count) => job.submit(tasks.splice(0, count)) });
    await this.#loop.run();
    await this.#quiet(job);
    const cpuMs = this.#own.pool() - begun;
    return { cpuMs, checks: this.#checked - before.checked, final: (await this.#final()) - before.final };
  }

  /** What the pool says to a requester is encoded, as for a network. */
  tell(job: DirectJob, message: Parameters<typeof toReleaser.encode>[0][number]): void {
    toReleaser.encode([message]);
    if (message.type === "checking") this.#begun(message.number);
    if (message.type === "checked") this.#open.delete(message.number);
    if (message.type !== "replicate") return;
    const { of, manifest } = message;
    setImmediate(() => {
      const replica = this.#own.work(() => job.replica(manifest));
      void this.#checks.replica(job.live, { of, manifest: replica });
    });
  }

  /** An agent shows what it has committed to, in a turn of its own as by a network. */
  show(session: AgentSession, shown: Parameters<Checks["revealed"]>[1]): void {
    setImmediate(() => this.#checks.revealed(session, shown));
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#checks.sweep();
    await this.#trading.close();
  }

  #begun(task: number): void {
    this.#open.add(task);
    this.#checked++;
  }

  /** Until the last check has ended, and all is written. */
  async #quiet({ live }: DirectJob): Promise<void> {
    const { counts } = live;
    do await delay(quietMs);
    while (this.#open.size + counts.queued + counts.matched + counts.running + this.#trading.waiting() > 0);
  }

  async #final(): Promise<number> {
    const { rows } = await this.#trading.database.query<{ final: number }>(
      "SELECT count(*) AS final FROM held_results WHERE verdict IS NOT NULL",
    );
    return rows[0]?.final ?? 0;
  }
}

function checkedAgent(own: OwnTime, show: CheckedMarket["show"]): CheckedAgent {
  return {
    keys: newAgentKeys(),
    check: undefined,
    work: (work) => own.work(work),
    onMessage(session, message) {
      toAgent.encode([message]); // as for a network
      if (message.type !== "reveal") return;
      const { number, fence } = message;
      show(session, { type: "revealed", number, fence, nonce, fingerprint });
    },
  };
}

/** As if all agents had worked here for long. */
async function trustAll({ database }: Trading): Promise<void> {
  const text =
    "INSERT INTO trust (agent, engine, valid, passed, disproved) SELECT agent, 'js', $1, $1 / 20, 0 FROM agents";
  await database.query(text, [validBefore]);
}

function checkOf({ keys }: CheckedAgent): CheckedAgent["check"] {
  const commitment = commitmentTo({ agent: keys.agent.publicKey, nonce, fingerprint }, primitives);
  return { keys: taskKeys, commitment, opening: new Uint8Array(sealedOpeningBytes) };
}

async function* bytes(all: Uint8Array): AsyncIterable<Uint8Array> {
  yield all;
}

import {
  type BackOffs,
  type LastPrices,
  type Lease,
  type LentClass,
  type MoveRefusal,
  placesFor,
  type RunTimes,
  type ShortJobs,
  type ToAgent,
} from "@aegis-pool/core";
import type { Board } from "./board.js";
import type { BondedOperators } from "./bonded-operators.js";
import type { FirstRefusals } from "./first-refusals.js";
import { speedOf } from "./forecast.js";
import type { Escrows } from "./escrows.js";
import { awaitsGang, LiveGangs } from "./gangs.js";
import type { Gate } from "./gate.js";
import { agentsFault, type GivenBack, requestersFault } from "./given-back.js";
import type { Holdings } from "./holdings.js";
import type { AgentSession, LiveJob, LiveLease, LiveTask } from "./live.js";
import { termsOf } from "./agent-terms.js";
import { runDeadline } from "./run-deadline.js";
import type { Sandboxes } from "./sandboxes.js";
import type { Transitions } from "./transitions.js";

/** A connection that is lost may come back within this time, in ms, before what the agent was running is queued again. */
const reconnectMs = 5_000;
/** After a restart of the pool agents have this long to come back with what they run, in ms. */
const restartGraceMs = 30_000;
/** The first pause of a job whose releaser is silent, and the longest, in ms. */
const pauseMs = { first: 5_000, longest: 600_000 };

/** What the parts of the market share. */
export interface MarketParts {
  readonly board: Board;
  /** Connected agents, by key. */
  readonly sessions: Map<string, AgentSession>;
  readonly holdings: Holdings;
  readonly transitions: Transitions;
  readonly escrows: Escrows;
  /** How long tasks take. */
  readonly times: RunTimes;
  readonly shortJobs: ShortJobs;
  /** Which programs agents have loaded. */
  readonly sandboxes: Sandboxes;
  readonly gate: Gate;
  readonly bonded: BondedOperators;
  readonly firstRefusals: FirstRefusals;
  /** Which agents have failed, and are left alone for a while. */
  readonly backOffs: BackOffs;
  /** What the last leases cost, by class of device. */
  readonly prices: Readonly<Record<LentClass, LastPrices>>;
  /** ms since 1970. */
  readonly now: () => number;
}

/** Everything that happens to a lease between match and result. */
export class Leases {
  readonly #board: Board;
  readonly #sessions: Map<string, AgentSession>;
  readonly #holdings: Holdings;
  readonly #transitions: Transitions;
  readonly #times: RunTimes;
  readonly #shortJobs: ShortJobs;
  readonly #sandboxes: Sandboxes;
  readonly #backOffs: BackOffs;
  readonly #gangs: LiveGangs;
  readonly #bonded: BondedOperators;
  readonly #firstRefusals: FirstRefusals;
  readonly #now: () => number;
  /** Jobs whose releaser was silent, until their pause is over. */
  readonly #paused = new Set<LiveJob>();

  constructor(market: MarketParts) {
    this.#board = market.board;
    this.#sessions = market.sessions;
    this.#holdings = market.holdings;
    this.#transitions = market.transitions;
    this.#times = market.times;
    this.#shortJobs = market.shortJobs;
    this.#sandboxes = market.sandboxes;
    this.#backOffs = market.backOffs;
    this.#gangs = new LiveGangs(market);
    this.#bonded = market.bonded;
    this.#firstRefusals = market.firstRefusals;
    this.#now = market.now;
  }

  /** The task that `session` holds under exactly this lease. */
  held(session: AgentSession, { number, fence }: Lease): LiveTask | undefined {
    const task = this.#board.tasks.get(number);
    return task?.lease?.agent === session.id && task.position.fence === fence ? task : undefined;
  }

  /** The agent takes the offer: it gets the task, the releaser hears of the match, and the wait for the key begins. */
  accept(session: AgentSession, lease: Lease): MoveRefusal | undefined {
    const task = this.held(session, lease);
    if (!task?.lease?.unsent) return "stale-lease";
    session.send(task.lease.unsent);
    this.#expect(session, task, task.lease);
    task.lease.unsent = undefined;
    this.#gangs.accepted(task);
    return undefined;
  }

  /** The agent does not take the offer, or gives the task back. */
  giveBack(session: AgentSession, message: GivenBack): MoveRefusal | undefined {
    const task = this.held(session, message);
    if (!task) return "stale-lease";
    if (agentsFault.has(message.reason)) this.#backOffs.failed(session.id, task.job.id, this.#now());
    if (!requestersFault.has(message.reason)) this.#transitions.effects.onMissed(session.id, 1); // also where it had accepted: it may have seen what it is
    return this.#transitions.requeue(task, message.type === "decline" ? "decline" : "handBack", message.fence);
  }

  /** The requester's key reaches the agent once it is durable that it has it, and the clock of the lease starts. */
  release(job: LiveJob, message: Extract<ToAgent, { type: "key" }>): MoveRefusal | undefined {
    const task = this.#board.tasks.get(message.number);
    const lease = task?.lease;
    if (task?.job !== job || !lease || lease.unsent || awaitsGang(task, lease)) return "stale-lease";
    const now = this.#now();
    const refusal = this.#transitions.move(task, "release", message.fence, now);
    if (refusal) return refusal;
    job.pauseMs = 0;
    if (task.group.gang) task.group.gang.hasBegun = true;
    lease.releasedAt = now;
    lease.deadline = runDeadline(lease, task.group.requirements.timeLimitMs, now);
    void this.#hand(task, lease, message);
    return undefined;
  }

  /** Not before: a pool that died meanwhile would know nothing of a run whose result comes when it is back. */
  async #hand(task: LiveTask, lease: LiveLease, key: Extract<ToAgent, { type: "key" }>): Promise<void> {
    await task.lastWrite;
    if (task.lease === lease) this.#sessions.get(lease.agent)?.send(key);
  }

  /** The requester refuses the agent it was given. */
  withhold(job: LiveJob, { number, fence }: Lease): MoveRefusal | undefined {
    const task = this.#board.tasks.get(number);
    if (task?.job !== job || task.position.fence !== fence || !task.lease) return "stale-lease";
    job.refused.add(task.lease.agent); // else the two would be matched again at once, for ever
    this.#revoke(task, "withheld");
    return this.#transitions.requeue(task, "withhold", fence);
  }

  /**
   * An agent is here (again). Of the leases it says it holds, those still its own go on.
   * @returns those that are not: the agent drops them
   */
  connect(session: AgentSession, held: readonly Lease[]): Lease[] {
    this.#sessions.get(session.id)?.close("replaced by a newer connection");
    this.#sessions.set(session.id, session);
    this.#board.matching.addAgent(termsOf(session, this.#bonded));
    for (const job of this.#board.jobs.values()) job.refused.delete(session.id); // its new session may be trusted
    const claimed = new Set<number>();
    const lost: Lease[] = [];
    for (const lease of held) {
      if (this.#goOn(session, lease)) claimed.add(lease.number);
      else lost.push(lease);
    }
    for (const task of this.#tasksOf(session)) {
      if (!claimed.has(task.number)) this.#transitions.requeue(task, "handBack", task.position.fence);
    }
    this.#transitions.effects.onWaiting();
    return lost;
  }

  /** An agent says what it works on. */
  heartbeat(session: AgentSession, running: readonly Lease[]): void {
    for (const lease of running) this.#goOn(session, lease);
  }

  /** An agent's connection is lost: what it had not begun is queued again at once, what it runs waits a moment for it. */
  disconnect(session: AgentSession): void {
    if (this.#sessions.get(session.id) !== session) return; // a newer connection has taken its place
    this.#sessions.delete(session.id);
    this.#board.matching.removeAgent(session.id);
    this.#sandboxes.forget(session.id);
    const held = this.#tasksOf(session);
    if (held[0]) this.#backOffs.failed(session.id, held[0].job.id, this.#now()); // who leaves properly holds nothing by now
    const unbegun = held.filter(({ position }) => position.state === "matched");
    if (unbegun.length > 0) this.#transitions.effects.onMissed(session.id, unbegun.length, true);
    for (const task of held) {
      if (task.position.state === "matched") this.#transitions.requeue(task, "handBack", task.position.fence);
      else if (task.lease) task.lease.deadline = this.#now() + reconnectMs;
    }
  }

  /** Puts a task that was running when the pool stopped back into its agent's hands, for a while. */
  restore(task: LiveTask, lease: Omit<LiveLease, "fresh" | "expectedMs" | "deadline" | "unsent">): void {
    task.lease = {
      ...lease,
      fresh: undefined,
      expectedMs: undefined,
      unsent: undefined,
      deadline: this.#now() + restartGraceMs,
    };
    this.#holdings.add(lease.agent, task.number);
  }

  /** Ends every lease whose time is over. */
  sweep(): void {
    const now = this.#now();
    this.#endPauses(now);
    for (const agent of this.#backOffs.takeEnded(now)) this.#transitions.effects.onRoom(agent);
    if (this.#firstRefusals.end(now) || this.#board.matching.awaitsTime) this.#transitions.effects.onWaiting();
    for (const number of this.#holdings.all()) {
      const task = this.#board.tasks.get(number);
      if (task?.lease && task.lease.deadline <= now) this.#expire(task, now);
    }
  }

  /** Nothing else would match a job whose pause is over while nothing else happens. */
  #endPauses(now: number): void {
    for (const job of this.#paused) {
      if (job.pausedUntil > now) continue;
      this.#paused.delete(job);
      if (job.releaser) this.#board.matching.openJob(job.id, this.#shortJobs.has(job.id));
      this.#transitions.effects.onWaiting();
    }
  }

  /** The agent works on this lease, by its own word: it is given time for it, where it is its own. */
  #goOn(session: AgentSession, lease: Lease): boolean {
    const task = this.held(session, lease);
    if (task?.position.state !== "running" || !task.lease) return false;
    task.lease.deadline = runDeadline(task.lease, task.group.requirements.timeLimitMs, this.#now());
    return true;
  }

  /** Notes how long the task will take there: in whole ms, and no longer than it may. */
  #expect(session: AgentSession, { job, group }: LiveTask, lease: LiveLease): void {
    const { engine, timeLimitMs } = group.requirements;
    const { agent } = lease;
    const slots = placesFor(session.offer, group.requirements);
    const held = this.#accepted(session, job, slots);
    const taken = this.#sandboxes.take({ agent, job: job.id, slots, held }, this.#now());
    const fresh = taken || group.requirements.deterministic === true; // each of these has a process of its own
    const speed = speedOf(session, group.requirements);
    const ms = this.#times.predict({ kind: job.id, agent, engine, speed, fresh });
    lease.fresh = fresh;
    lease.expectedMs = ms === undefined ? undefined : Math.min(Math.max(1, Math.round(ms)), timeLimitMs);
  }

  /** How many tasks of the job the agent has accepted; as many as it runs at once say no more. */
  #accepted({ id }: AgentSession, job: LiveJob, slots: number): number {
    let accepted = 0;
    for (const number of this.#holdings.each(id)) {
      const task = this.#board.tasks.get(number);
      if (task?.job === job && task.lease?.fresh !== undefined && ++accepted === slots) break;
    }
    return accepted;
  }

  #tasksOf(session: AgentSession): LiveTask[] {
    return this.#holdings.of(session.id).flatMap((number) => this.#board.tasks.get(number) ?? []);
  }

  #expire(task: LiveTask, now: number): void {
    const { state, fence } = task.position;
    const silent = state === "matched" && !task.lease?.unsent;
    if (task.lease?.unsent) this.#transitions.effects.onMissed(task.lease.agent, 1);
    if (silent) this.#pause(task.job, now);
    else if (task.lease) this.#backOffs.failed(task.lease.agent, task.job.id, now);
    this.#revoke(task, silent ? "key-silence" : "expired");
    this.#transitions.requeue(task, silent ? "silence" : "expire", fence);
  }

  #revoke(task: LiveTask, reason: string): void {
    const session = task.lease && this.#sessions.get(task.lease.agent);
    session?.send({ type: "revoke", number: task.number, fence: task.position.fence, reason });
  }

  /** One pause for all leases that the same silence ends. */
  #pause(job: LiveJob, now: number): void {
    if (job.pausedUntil > now) return;
    job.pauseMs = Math.min(Math.max(job.pauseMs * 2, pauseMs.first), pauseMs.longest);
    job.pausedUntil = now + job.pauseMs;
    this.#board.matching.closeJob(job.id);
    this.#paused.add(job);
  }
}

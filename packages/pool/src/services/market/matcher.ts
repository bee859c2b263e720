import {
  type Assignment,
  type Capacity,
  chargedPrice,
  costOf,
  feePercent,
  leftOfCard,
  partOfSpeed,
  partsLent,
  type ToAgent,
} from "@aegis-pool/core";
import { leaseTask, type LeasedTask } from "../../store/task-writes.js";
import type { MarketParts } from "./leases.js";
import type { AgentSession, LiveTask } from "./live.js";

/** An agent answers an offer within this time, in ms, or loses it. */
const acceptMs = 5_000;

/** What a task takes of which nothing is known any more. */
const all = { memoryBytes: 0 };

/** Assigns waiting tasks to agents with room: plans in core, commits the leases, then makes the offers. */
export class Matcher {
  readonly #market: MarketParts;
  #scheduled = false;

  constructor(market: MarketParts) {
    this.#market = market;
  }

  /** Matches when this callback has ended: all that one frame or one commit brings is matched together, and nothing else is done before. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#match();
    });
  }

  /** How much the agent would take may have changed. */
  consider(agent: string): void {
    const session = this.#market.sessions.get(agent);
    if (session) this.#setRoom(session);
    this.schedule();
  }

  #match(): void {
    if (!this.#market.gate.isOpen) return;
    for (const assignment of this.#market.board.matching.decide(this.#market.now())) void this.#lease(assignment);
  }

  /** Free slots first; beyond them what the agent wants in advance, unless it would wait there behind something long. */
  #setRoom(session: AgentSession): void {
    const { id, offer } = session;
    const held = this.#market.holdings.count(id);
    const more = this.#takesWork(session) ? Math.max(0, session.wanted - held) : 0;
    const room = Math.min(more, Math.max(0, offer.slots - held));
    const free = this.#freeParts(session);
    const ahead = this.#holdsLong(id) || (free && held > 0) ? 0 : more - room;
    this.#market.board.matching.setRoom(id, room, ahead, free);
  }

  /** What of its card the agent would lend in parts; undefined: nothing, or it has none. */
  #freeParts(session: AgentSession): Capacity | undefined {
    const lent = partsLent(session.offer);
    if (!lent || session.wanted === 0 || !this.#takesWork(session)) return undefined;
    const held = [...this.#market.holdings.each(session.id)];
    const tasks = held.map((number) => this.#market.board.tasks.get(number));
    return leftOfCard(
      lent,
      tasks.map((task) => task?.group.requirements ?? all),
    );
  }

  #takesWork({ id, slotSpeed, challenged }: AgentSession): boolean {
    return slotSpeed > 0 && !challenged && this.#market.backOffs.until(id) <= this.#market.now();
  }

  #holdsLong(agent: string): boolean {
    for (const number of this.#market.holdings.each(agent)) {
      const task = this.#market.board.tasks.get(number);
      if (task && !this.#market.shortJobs.has(task.job.id)) return true;
    }
    return false;
  }

  async #lease({ number, agent, price }: Assignment): Promise<void> {
    const task = this.#market.board.tasks.get(number);
    const session = this.#market.sessions.get(agent);
    if (!task || !session || this.#market.board.move(task, "match", 0)) return;
    const speed = partOfSpeed(session.slotSpeed, session.offer, task.group.requirements);
    const fence = task.position.fence;
    this.#market.holdings.add(agent, number);
    const open = {
      releasedAt: undefined,
      fresh: undefined,
      expectedMs: undefined,
      deadline: Infinity,
      unsent: undefined,
    };
    task.lease = { agent, price: BigInt(price), speed, ...open };
    this.#market.prices[session.offer.class].add(price);
    const lease = { number, fence, agent: session.key, price, speed };
    const leased = await this.#market.transitions.write(task, leaseTask, lease).catch(() => undefined);
    if (leased && task.position.fence === fence && task.lease) this.#offer(task, session, leased);
  }

  #offer(task: LiveTask, session: AgentSession, leased: LeasedTask): void {
    const { number, position, group, lease, maxWork } = task;
    if (!lease) return;
    lease.deadline = this.#market.now() + acceptMs;
    lease.unsent = taskMessage(number, position.fence, leased);
    const charge = costOf(maxWork, chargedPrice(lease.price, { requirements: group.requirements, maxWork }));
    const maxReward = charge - (charge * feePercent) / 100n;
    this.#market.transitions.effects.onOffered(session.id);
    session.send({
      type: "offer",
      number,
      fence: position.fence,
      requirements: group.requirements,
      maxReward: String(maxReward),
    });
  }
}

function taskMessage(number: number, fence: number, leased: LeasedTask): ToAgent {
  const manifest = { body: leased.manifest, signature: leased.manifestSignature };
  return { type: "task", number, fence, manifest, ...(leased.input && { input: leased.input }) };
}

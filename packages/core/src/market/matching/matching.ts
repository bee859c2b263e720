import type { EngineName } from "../../protocol/requirements.js";
import type { Capacity } from "../packing/capacity.js";
import { LearntPolicy } from "../packing/learnt-policy.js";
import type { PackingPolicy } from "../packing/machines.js";
import type { AgentNow } from "../why.js";
import type { MarketAgent } from "./agent-index.js";
import { Demand, type WaitingTask } from "./demand.js";
import type { AgentTerms, TaskGroup } from "./filters.js";
import { Gangs } from "./gangs.js";
import type { WaitingGroup } from "./group-index.js";
import { leasePrice } from "./price.js";
import { Supply, takesAny } from "./supply.js";
import { Turns } from "./turns.js";

/** One assignment. The store may refuse it; the task then waits again. */
export interface Assignment {
  readonly number: number;
  readonly agent: string;
  /** nAIS per SCU-second, fixed in the lease. */
  readonly price: number;
}

/** Every this many assignments of an engine, the task that has waited longest is served, whatever it pays. */
const oldestEvery = 10;

/**
 * The market's decisions: which waiting task goes to which agent, and at what price. It is told of every change, and decides only
 * about what has changed. After each decision no task waits that an agent with room may take, but for slots that are kept for a gang: so a
 * new task need be looked up only among the agents, and an agent with new room only among the tasks, each in logarithmic time.
 */
export class Matching {
  readonly #supply: Supply;
  readonly #gangs: Gangs;
  readonly #demand: Demand;
  readonly #turns = new Turns();
  /** Assignments so far. */
  readonly #served = new Map<EngineName, number>();

  /** @param policy where parts of machines are placed */
  constructor(policy: PackingPolicy = new LearntPolicy()) {
    this.#supply = new Supply(policy);
    this.#gangs = new Gangs(this.#supply);
    this.#demand = new Demand(this.#gangs);
  }

  /** An agent is here, on these terms and without room; one of that name from before is gone. */
  addAgent(terms: AgentTerms): void {
    this.#supply.add(terms);
  }

  removeAgent(agent: string): void {
    this.#supply.remove(agent);
  }

  /**
   * From now on an agent begins `room` more tasks at once, and holds `ahead` more in advance if they are short; nothing
   * happens where it is not here. One that lends parts has one room or none for a task that takes all of it, and `free` for parts.
   */
  setRoom(agent: string, room: number, ahead = 0, free?: Capacity): void {
    this.#supply.setRoom(agent, room, ahead, free);
  }

  /** The job's tasks, which are short or not, may be assigned from now on: its requester is there to release their keys. */
  openJob(job: string, isShort = false): void {
    this.#demand.openJob(job, isShort);
  }

  /** An open job's tasks turn out to be short, or not to be so. */
  setShort(job: string, isShort: boolean): void {
    this.#demand.setShort(job, isShort);
  }

  /** The job's tasks go on waiting and are not assigned; so it is with every job that was never opened. */
  closeJob(job: string): void {
    this.#demand.closeJob(job);
  }

  /** A task waits (again). */
  wait(group: TaskGroup, task: WaitingTask): void {
    if (group.part && !task.returned) this.#supply.arrived(group.part);
    this.#demand.wait(group, task);
  }

  /** The task waits no longer; nothing happens where it did not. */
  leave(group: string, number: number): void {
    this.#demand.leave(group, number);
  }

  /** Every agent that is here, with its room. */
  agents(): Iterable<AgentNow> {
    return this.#supply.now();
  }

  /** What waits in open jobs, with the number of its tasks. */
  waiting(): Iterable<readonly [TaskGroup, number]> {
    return this.#demand.now();
  }

  /** Whether a gang waits, for which slots may be kept for a time: then a decision may be due although nothing has changed. */
  get awaitsTime(): boolean {
    return !this.#gangs.isEmpty;
  }

  /**
   * Assigns tasks until none waits that an agent with room may take; they are then no longer here.
   * @param now ms of any one clock
   */
  decide(now: number): Assignment[] {
    this.#gangs.expire(now);
    const plan = this.#serve();
    if (!this.#gangs.isEmpty) {
      this.#gangs.reserve(now, () => this.#supply.all());
      plan.push(...this.#beginKept());
    }
    return plan.map((leased) => this.#priced(leased));
  }

  #serve(): Leased[] {
    const plan = this.#supply.isTaken && this.#gangs.isEmpty ? [] : this.#serveChanged();
    this.#demand.changed.clear();
    this.#supply.changed.clear();
    return plan;
  }

  /** Gangs for which agents were kept, then the groups that have changed and those that changed agents would take. */
  #serveChanged(): Leased[] {
    for (const agent of this.#supply.changed) if (agent.room > 0 || agent.isClosed) this.#gangs.offer(agent);
    const plan = [...this.#beginKept()];
    for (const group of this.#demand.changed) this.#turns.add(group);
    for (const agent of this.#supply.changed) this.#nominate(agent);
    for (let group = this.#turns.next(); group; group = this.#turns.next()) {
      if (group.group.gangSize > 1) plan.push(...this.#assignEach(group, this.#supply.bestOfEach(group)));
      else this.#serveNext(group, plan);
    }
    return plan;
  }

  #beginKept(): readonly Leased[] {
    if (this.#gangs.isEmpty) return none;
    return this.#gangs.takeFull().flatMap(([gang, agents]) => this.#assignEach(gang, agents));
  }

  /** Gives the group's best agent a task: the group's own, or at its turn the oldest that the agent may take. */
  #serveNext(group: WaitingGroup, plan: Leased[]): void {
    const agent = this.#supply.best(group);
    if (!agent) return this.#nominateOthers(group);
    const served = this.#isOldestsTurn(group.group) ? (this.#demand.single.oldest(agent) ?? group) : group;
    this.#turns.remove(served);
    plan.push(this.#assign(served, agent));
    this.#goOn(group);
    if (served !== group) this.#goOn(served);
  }

  /** A group with more tasks has another turn; agents that wanted the tasks of one without want others. */
  #goOn(group: WaitingGroup): void {
    if (group.isReady) this.#turns.add(group);
    else this.#nominateOthers(group);
  }

  /** What nominated the group has too little free for it by now, or it has no more tasks. */
  #nominateOthers(group: WaitingGroup): void {
    for (const agent of this.#turns.takeNominators(group)) this.#nominate(agent);
  }

  #nominate(agent: MarketAgent): void {
    const group = takesAny(agent) ? this.#demand.single.best(agent) : undefined;
    if (group) this.#turns.nominate(group, agent);
    if (agent.room > 0) for (const gang of this.#gangs.candidates(agent.terms.offer.class)) this.#turns.add(gang);
  }

  #isOldestsTurn({ engine }: TaskGroup): boolean {
    const served = (this.#served.get(engine) ?? 0) + 1;
    this.#served.set(engine, served);
    return served % oldestEvery === 0;
  }

  #assignEach(gang: WaitingGroup, agents: readonly MarketAgent[]): Leased[] {
    return agents.map((agent) => this.#assign(gang, agent));
  }

  #assign(waiting: WaitingGroup, agent: MarketAgent): Leased {
    const number = this.#demand.take(waiting);
    this.#supply.occupy(agent, waiting);
    return { number, group: waiting.group, agent };
  }

  /** Priced when all is decided: only what still waits then has lost to this task. */
  #priced({ number, group, agent }: Leased): Assignment {
    const next = this.#demand.single.bestOfOthers(agent, group.job);
    const price = leasePrice(group.maxPrice, agent.terms.floorPrice, next?.group.maxPrice);
    return { number, agent: agent.terms.agent, price };
  }
}

const none: readonly Leased[] = [];

/** An assignment whose price is not known yet. */
interface Leased {
  readonly number: number;
  readonly group: TaskGroup;
  readonly agent: MarketAgent;
}

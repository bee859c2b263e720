import type { EngineName } from "../../protocol/requirements.js";
import type { AgentNow } from "../why.js";
import { AgentIndex, compareAgents, MarketAgent } from "./agent-index.js";
import { type AgentTerms, refusingFilter, type TaskGroup } from "./filters.js";
import { GroupIndex, WaitingGroup } from "./group-index.js";
import { leasePrice } from "./price.js";
import { RecentPlaces } from "./recent-places.js";
import { Turns } from "./turns.js";

/** One assignment. The store may refuse it; the task then waits again. */
export interface Assignment {
  readonly number: number;
  readonly agent: string;
  /** nAIS per SCU-second, fixed in the lease. */
  readonly price: number;
}

/** A task that waits. */
export interface WaitingTask {
  readonly number: number;
  /** When it was submitted: the lower, the older. */
  readonly age: number;
  /** It has been leased before: it comes before all of its group that have not. */
  readonly returned: boolean;
}

/** Every this many assignments of an engine, the task that has waited longest is served, whatever it pays. */
const oldestEvery = 10;

/**
 * The market's decisions: which waiting task goes to which agent, and at what price. It is told of every change, and decides only
 * about what has changed. After each decision no task waits that an agent with room may take: so a new task need
 * be looked up only among the agents, and an agent with new room only among the tasks, each in logarithmic time.
 */
export class Matching {
  readonly #agents = new Map<string, MarketAgent>();
  readonly #groups = new Map<string, WaitingGroup>();
  /** Jobs whose tasks may be assigned now, and whether these are short. */
  readonly #openJobs = new Map<string, boolean>();
  /** Groups of each job. */
  readonly #groupsOf = new Map<string, Set<WaitingGroup>>();
  /** Those with a free slot, and those that have none but would hold more short tasks. */
  readonly #free = new AgentIndex();
  readonly #ahead = new AgentIndex();
  /** Those of open jobs. */
  readonly #waiting = new GroupIndex();
  /** About these something has changed since the last decision. */
  readonly #changedGroups = new Set<WaitingGroup>();
  readonly #changedAgents = new Set<MarketAgent>();
  readonly #turns = new Turns();
  readonly #places = new RecentPlaces();
  /** Assignments so far. */
  readonly #served = new Map<EngineName, number>();
  #arrivals = 0;

  /** An agent is here, on these terms and without room; one of that name from before is gone. */
  addAgent(terms: AgentTerms): void {
    this.removeAgent(terms.agent);
    this.#agents.set(terms.agent, new MarketAgent(terms, ++this.#arrivals));
  }

  removeAgent(agent: string): void {
    this.setRoom(agent, 0);
    this.#agents.delete(agent);
  }

  /**
   * From now on an agent begins `room` more tasks at once, and holds `ahead` more in advance if they are short; nothing
   * happens where it is not here.
   */
  setRoom(agent: string, room: number, ahead = 0): void {
    const known = this.#agents.get(agent);
    if (!known || (known.room === room && known.ahead === ahead)) return;
    this.#changeRoom(known, room, ahead);
    if (takesAny(known)) this.#changedAgents.add(known);
  }

  /** The job's tasks, which are short or not, may be assigned from now on: its requester is there to release their keys. */
  openJob(job: string, isShort = false): void {
    if (this.#openJobs.has(job)) return;
    this.#openJobs.set(job, isShort);
    for (const group of this.#groupsOf.get(job) ?? []) this.#enter(group, isShort);
  }

  /** An open job's tasks turn out to be short, or not to be so. */
  setShort(job: string, isShort: boolean): void {
    if (!this.#openJobs.has(job)) return;
    this.#openJobs.set(job, isShort);
    for (const group of this.#groupsOf.get(job) ?? []) {
      this.#waiting.remove(group);
      this.#enter(group, isShort);
    }
  }

  /** The job's tasks go on waiting and are not assigned; so it is with every job that was never opened. */
  closeJob(job: string): void {
    if (!this.#openJobs.delete(job)) return;
    for (const group of this.#groupsOf.get(job) ?? []) {
      this.#waiting.remove(group);
      this.#changedGroups.delete(group);
    }
  }

  /** A task waits (again). */
  wait(group: TaskGroup, { number, age, returned }: WaitingTask): void {
    const waiting = this.#groups.get(group.id) ?? this.#open(group);
    this.#change(waiting, () => {
      if (returned) waiting.tasks.giveBack(number, age);
      else waiting.tasks.append(number, age);
    });
    if (this.#openJobs.has(group.job)) this.#changedGroups.add(waiting);
  }

  /** The task waits no longer; nothing happens where it did not. */
  leave(group: string, number: number): void {
    const waiting = this.#groups.get(group);
    if (waiting) this.#change(waiting, () => waiting.tasks.remove(number));
  }

  /** Every agent that is here, with its room. */
  *agents(): Generator<AgentNow> {
    for (const { terms, room } of this.#agents.values()) yield { terms, room };
  }

  /** What waits in open jobs, with the number of its tasks. */
  *waiting(): Generator<readonly [TaskGroup, number]> {
    for (const { group, tasks } of this.#groups.values()) {
      if (this.#openJobs.has(group.job)) yield [group, tasks.size];
    }
  }

  /** Assigns tasks until none waits that an agent with room may take; they are then no longer here. */
  decide(): Assignment[] {
    const plan = this.#free.isEmpty && this.#ahead.isEmpty ? [] : this.#serve();
    this.#changedGroups.clear();
    this.#changedAgents.clear();
    return plan.map((leased) => this.#priced(leased));
  }

  /** Looks at the groups that have changed, and at those that changed agents would take. */
  #serve(): Leased[] {
    const plan: Leased[] = [];
    for (const group of this.#changedGroups) this.#turns.add(group);
    for (const agent of this.#changedAgents) this.#nominate(agent);
    for (let group = this.#turns.next(); group; group = this.#turns.next()) {
      const agent = this.#bestAgent(group);
      if (!agent) continue;
      const served = this.#isOldestsTurn(group.group) ? (this.#waiting.oldest(agent) ?? group) : group;
      this.#turns.remove(served);
      plan.push(this.#assign(served, agent));
      this.#goOn(group);
      if (served !== group) this.#goOn(served);
    }
    return plan;
  }

  /** A group with more tasks has another turn; agents that wanted the tasks of one without want others. */
  #goOn(group: WaitingGroup): void {
    if (group.tasks.size > 0) this.#turns.add(group);
    else for (const agent of this.#turns.takeNominators(group)) this.#nominate(agent);
  }

  #nominate(agent: MarketAgent): void {
    const group = takesAny(agent) ? this.#waiting.best(agent) : undefined;
    if (group) this.#turns.nominate(group, agent);
  }

  /**
   * Of those with a free slot, or else, for a short task, of those that would hold it in advance: of the agents at the
   * lowest floor one that has the group's shared input, where there is one.
   */
  #bestAgent({ group, isShort }: WaitingGroup): MarketAgent | undefined {
    const best = this.#free.best(group) ?? (isShort ? this.#ahead.best(group) : undefined);
    if (!best || group.shared === undefined) return best;
    let near: MarketAgent | undefined;
    for (const id of this.#places.of(group.shared)) {
      const agent = this.#agents.get(id);
      if (!agent || !takesLike(agent, best) || agent.terms.floorPrice > best.terms.floorPrice) continue;
      if (refusingFilter(group, agent.terms) === undefined && (!near || compareAgents(agent, near) < 0)) near = agent;
    }
    return near ?? best;
  }

  #isOldestsTurn({ engine }: TaskGroup): boolean {
    const served = (this.#served.get(engine) ?? 0) + 1;
    this.#served.set(engine, served);
    return served % oldestEvery === 0;
  }

  #assign(waiting: WaitingGroup, agent: MarketAgent): Leased {
    const { group, tasks } = waiting;
    const [number = 0] = tasks.first ?? [];
    this.#change(waiting, () => tasks.remove(number));
    this.#occupy(agent, waiting.isShort);
    if (group.shared !== undefined) this.#places.note(group.shared, agent.terms.agent);
    return { number, group, agent };
  }

  /** Priced when all is decided: only what still waits then has lost to this task. */
  #priced({ number, group, agent }: Leased): Assignment {
    const next = this.#waiting.bestOfOthers(agent, group.job);
    const price = leasePrice(group.maxPrice, agent.terms.floorPrice, next?.group.maxPrice);
    return { number, agent: agent.terms.agent, price };
  }

  /** A task takes a slot, or waits for one; nothing waits behind a long one. */
  #occupy(agent: MarketAgent, isShort: boolean): void {
    const ahead = agent.room > 0 ? agent.ahead : agent.ahead - 1;
    this.#changeRoom(agent, Math.max(0, agent.room - 1), isShort ? ahead : 0);
  }

  #changeRoom(agent: MarketAgent, room: number, ahead: number): void {
    if (agent.room > 0) this.#free.remove(agent);
    else if (agent.ahead > 0) this.#ahead.remove(agent);
    agent.room = room;
    agent.ahead = ahead;
    if (room > 0) this.#free.add(agent);
    else if (ahead > 0) this.#ahead.add(agent);
  }

  /** The group of an open job waits from now on. */
  #enter(group: WaitingGroup, isShort: boolean): void {
    group.isShort = isShort;
    this.#waiting.add(group);
    this.#changedGroups.add(group);
  }

  #open(group: TaskGroup): WaitingGroup {
    const waiting = new WaitingGroup(group, ++this.#arrivals);
    waiting.isShort = this.#openJobs.get(group.job) ?? false;
    this.#groups.set(group.id, waiting);
    const ofJob = this.#groupsOf.get(group.job);
    if (ofJob) ofJob.add(waiting);
    else this.#groupsOf.set(group.job, new Set([waiting]));
    return waiting;
  }

  /** Changes a group's tasks; its place in the order is that of the first. A group without tasks is forgotten. */
  #change(waiting: WaitingGroup, change: () => void): void {
    const [before] = waiting.tasks.first ?? [];
    change();
    const [first, age = 0] = waiting.tasks.first ?? [];
    if (first === before) return;
    const isOpen = this.#openJobs.has(waiting.group.job);
    if (isOpen && before !== undefined && first !== undefined) return this.#waiting.setAge(waiting, age);
    if (isOpen && before !== undefined) this.#waiting.remove(waiting);
    waiting.age = age;
    if (first === undefined) this.#forget(waiting);
    else if (isOpen) this.#waiting.add(waiting);
  }

  #forget(waiting: WaitingGroup): void {
    const { id, job } = waiting.group;
    this.#groups.delete(id);
    this.#changedGroups.delete(waiting);
    const ofJob = this.#groupsOf.get(job);
    ofJob?.delete(waiting);
    if (ofJob?.size === 0) this.#groupsOf.delete(job);
  }
}

/** An assignment whose price is not known yet. */
interface Leased {
  readonly number: number;
  readonly group: TaskGroup;
  readonly agent: MarketAgent;
}

function takesAny({ room, ahead }: MarketAgent): boolean {
  return room > 0 || ahead > 0;
}

/** Whether the agent would take a task as soon as `other` would: into a free slot, or else in advance. */
function takesLike(agent: MarketAgent, other: MarketAgent): boolean {
  return other.room > 0 ? agent.room > 0 : agent.ahead > 0;
}

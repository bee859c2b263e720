import {
  availabilityRewards,
  countingAtPrice,
  countingAvailability,
  defaultPrices,
  epochBudget,
  epochOf,
  isComplex,
  nextReferencePrice,
  nextTier,
  noTier,
  type PaidWork,
  rewardDefaults,
  type RewardParameters,
  type TierState,
} from "@aegis-pool/core";
import { seededRandom } from "../random.js";
import type { Agent, Owner } from "./agents.js";
import { assumptions } from "./assumptions.js";
import { availableOf, comeBack, connectedOf, dayMs, missOne, runOwn, runTask, type Task } from "./leases.js";
import { type AgentDay, OpenMarket, startOf, type TieBreak } from "./market.js";

/** What is asked for in an epoch. */
export interface DayDemand {
  /** SCU-seconds. */
  readonly work: number;
  /** The part of it that is complex. */
  readonly complexPart: number;
  /** Top price of a task in nAIS per SCU-second; `random` is from 0 to 1. */
  readonly topPrice: (random: number) => number;
}

/** What became of an agent in an epoch. */
export interface AgentOutcome extends Readonly<AgentDay> {
  /** µSCU-seconds for which it was paid as available. */
  readonly counted: number;
  /** nAIS for being available. */
  readonly availability: number;
}

/** What became of all in an epoch. */
export interface EpochOutcome {
  readonly agents: readonly AgentOutcome[];
  /** The reference price that held in it, nAIS per SCU-second. */
  readonly reference: number;
  /** nAIS that were issued, and that might have been. */
  readonly issued: number;
  readonly budget: number;
  /** What others' tasks cost their requesters in nAIS, for how many µSCU-seconds. */
  readonly charged: number;
  readonly work: number;
  /** Tasks that nobody took at their price. */
  readonly unserved: number;
}

export interface EconomyOptions {
  readonly seed: number;
  readonly rules?: RewardParameters;
  /** How many epochs are over when it begins: later, less is issued. */
  readonly age?: number;
  readonly tieBreak?: TieBreak;
}

/** A pool whose every task is offered, charged and counted one by one, by production's own rules; what is around these is in `assumptions`. */
export class EconomyWorld {
  readonly #random: () => number;
  readonly #rules: RewardParameters;
  readonly #tieBreak: TieBreak;
  readonly #tiers = new Map<string, TierState>();
  /** How long into the next epoch an agent goes on with its last task, in ms. */
  readonly #overhang = new Map<string, number>();
  #reference = Number(defaultPrices.floor);
  #epoch: number;

  constructor({ seed, rules = rewardDefaults, age = 0, tieBreak = "even" }: EconomyOptions) {
    this.#random = seededRandom(seed);
    this.#rules = rules;
    this.#tieBreak = tieBreak;
    this.#epoch = age;
  }

  /** The reference price by which the next epoch's floors are judged. */
  get reference(): number {
    return this.#reference;
  }

  /** Plays an epoch with these agents, at `floors` where they have changed them. */
  play(agents: readonly Agent[], demand: DayDemand, floors: ReadonlyMap<string, number> = new Map()): EpochOutcome {
    const days = agents.map((agent) => this.#dayOf(agent, floors.get(agent.id) ?? agent.floor));
    const paid = new WorkByPrice();
    for (const day of days) for (const lease of runOwn(day)) paid.add(lease);
    this.#updateTiers(agents);
    const market = new OpenMarket(days, this.#random, this.#tieBreak);
    const totals = { charged: 0, work: 0, unserved: 0 };
    let waitingTop: number | undefined;
    for (const task of this.#tasks(demand)) {
      const taken = this.#place(task, market);
      if (!taken) {
        totals.unserved++;
        continue;
      }
      const lease = runTask(taken, task, startOf(taken, task.at) > task.at ? waitingTop : undefined);
      waitingTop = task.topPrice;
      market.ended(taken);
      totals.charged += lease.charge;
      totals.work += lease.work;
      paid.add(lease);
    }
    return this.#settle(days, paid.all(), totals);
  }

  #dayOf(agent: Agent, floor: number): AgentDay {
    const awayMs = Math.round((1 - agent.onlinePart) * dayMs);
    const from = Math.floor(this.#random() * (dayMs - awayMs));
    return {
      ...{
        agent,
        floor,
        away: [from, from + awayMs],
        freeAt: this.#overhang.get(agent.id) ?? 0,
        offered: 0,
        missed: 0,
        lostMs: 0,
        pausedUntil: 0,
        pausedMs: 0,
      },
      ...{ busyMs: 0, work: 0, complexWork: 0, earned: 0, ownCost: 0 },
    };
  }

  #updateTiers(agents: readonly Agent[]): void {
    const proven = new Map<Owner, number>();
    for (const { owner, speed } of agents) proven.set(owner, (proven.get(owner) ?? 0) + speed);
    for (const [{ name, bond }, provenSpeed] of proven) {
      this.#tiers.set(name, nextTier(this.#tiers.get(name) ?? noTier, { provenSpeed, bond }, this.#epoch * dayMs));
    }
  }

  /** The epoch's tasks in the order of their times, which are spread evenly. */
  *#tasks({ work, complexPart, topPrice }: DayDemand): Generator<Task> {
    const { plainWork, complexWork, taskMemoryGiB } = assumptions;
    const [plain, complex] = [(1 - complexPart) / middle(plainWork), complexPart / middle(complexWork)];
    const number = Math.round(work * (plain + complex));
    for (let index = 0; index < number; index++) {
      const [least, most] = this.#random() * (plain + complex) < complex ? complexWork : plainWork;
      const own = Math.round((least + this.#random() * (most - least)) * 1e6);
      yield {
        job: `${this.#epoch}-${index}`,
        at: Math.floor(((index + this.#random()) / number) * dayMs),
        work: own,
        maxWork: 2 * own,
        topPrice: topPrice(this.#random()),
        memoryGiB: taskMemoryGiB[Math.floor(this.#random() * taskMemoryGiB.length)] ?? 0,
        isComplex: isComplex({}, 2 * own),
      };
    }
  }

  /** Who takes a task: idle agents of bonded operators first where it is complex, then any, then whoever is free first. */
  #place(task: Task, market: OpenMarket): AgentDay | undefined {
    const refused = new Set<AgentDay>();
    const may = (day: AgentDay) => day.agent.memoryGiB >= task.memoryGiB && !refused.has(day);
    const mayFirst = (day: AgentDay) => may(day) && this.#tiers.get(day.agent.owner.name)?.tier !== "none";
    for (;;) {
      const chosen =
        (task.isComplex ? market.idle(task.topPrice, task.at, mayFirst) : undefined) ??
        market.idle(task.topPrice, task.at, may) ??
        market.soonest(task.topPrice, task.at, may);
      if (!chosen) return undefined;
      const takes = chosen.agent.behaviour.takes(task, chosen);
      chosen.offered++;
      if (takes) return chosen;
      missOne(chosen, task.at, market.declined(chosen, task.job, task.at));
      refused.add(chosen);
      comeBack(chosen, task.at);
    }
  }

  #settle(days: readonly AgentDay[], paid: readonly PaidWork[], totals: Totals): EpochOutcome {
    const [reference, rules] = [this.#reference, this.#rules];
    const connected = days.map(connectedOf);
    const counting = days.map((day, index) => {
      const prices = { floorPrice: day.floor, referencePrice: reference };
      const available = countingAtPrice(availableOf(day, connected[index] ?? 0), prices, rules);
      const { offered, missed } = day;
      return countingAvailability({ available, offered, missed }, rules);
    });
    const budget = epochBudget(epochOf(this.#epoch, rules), 0, rules);
    const rewards = availabilityRewards(counting, { budget, connected: sumOf(connected) }, rules).map(Number);
    for (const { agent, freeAt } of days) this.#overhang.set(agent.id, Math.max(0, freeAt - dayMs));
    this.#epoch++;
    this.#reference = nextReferencePrice(reference, paid, rules);
    return {
      ...totals,
      reference,
      budget: Number(budget),
      issued: rewards.reduce((sum, one) => sum + one, 0),
      agents: days.map((day, index) => ({
        ...day,
        counted: counting[index] ?? 0,
        availability: rewards[index] ?? 0,
      })),
    };
  }
}

/** Work summed by its price: there are few prices and many leases. */
class WorkByPrice {
  readonly #work = new Map<number, number>();

  add({ price, work }: PaidWork): void {
    this.#work.set(price, (this.#work.get(price) ?? 0) + work);
  }

  all(): PaidWork[] {
    return [...this.#work].map(([price, work]) => ({ price, work }));
  }
}

type Totals = Pick<EpochOutcome, "charged" | "work" | "unserved">;

/** Summed as production does, where the sum of all may exceed 2^53. */
export function sumOf(values: readonly number[]): bigint {
  return values.reduce((sum, one) => sum + BigInt(one), 0n);
}

function middle([least, most]: readonly [number, number]): number {
  return (least + most) / 2;
}

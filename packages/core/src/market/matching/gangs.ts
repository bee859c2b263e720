import { engineClasses } from "../../protocol/requirements.js";
import type { LentClass } from "../../units/rating/slot-speed.js";
import type { MarketAgent } from "./agent-index.js";
import { refusingFilter } from "./filters.js";
import { compareGroups, type WaitingGroup } from "./group-index.js";
import { OrderedTree } from "./ordered-tree.js";

/**
 * How long agents are kept free for a gang the first time, in ms; each later time twice as long, up to the longest run
 * that a task may ask for: by then all that ran at the beginning has ended.
 */
export const keepMs = { first: 30_000, longest: 7 * 24 * 3_600_000 } as const;
/** Where agents are too few for any gang, it is looked at again after this time, in ms. */
const retryMs = 1_000;
/** Gangs looked at for one decision: of those with the best price, and of those whose turn it is to have agents kept. */
const mostTried = 4;

const anything = [0, 0] as const;

/** A gang for which agents keep a slot each, until there are enough or the time is over. */
interface Reservation {
  readonly gang: WaitingGroup;
  /** ms of the clock that decisions are made by. */
  readonly until: number;
  readonly agents: Set<MarketAgent>;
}

/** Is told which agents keep one of their free slots, and which no longer. */
export interface KeptSlots {
  keep(agent: MarketAgent): void;
  release(agent: MarketAgent): void;
}

/** What waits of one class of devices. */
class ClassGangs {
  readonly byPrice = new OrderedTree<WaitingGroup>(compareGroups, () => anything);
  /** The first is the next for which agents are kept. */
  readonly queue = new Set<WaitingGroup>();
  reservation: Reservation | undefined;
  /** No reservation is tried before. */
  retryAt = 0;
}

/**
 * Gangs that wait: groups whose tasks begin together or not at all. One that finds enough agents free takes them when its price has its
 * turn, as others do. Where agents never are free together, tasks that need only one would pass it by for ever: so in each class the agents
 * that become free are kept for one gang, in the order in which gangs came, for a bounded time.
 */
export class Gangs {
  readonly #classes = new Map<LentClass, ClassGangs>();
  /** How long agents are kept for a gang the next time, in ms. */
  readonly #keepMs = new Map<WaitingGroup, number>();
  readonly #slots: KeptSlots;

  constructor(slots: KeptSlots) {
    this.#slots = slots;
  }

  get isEmpty(): boolean {
    return this.#classes.size === 0;
  }

  /** Adds a gang that waits whole, and is not here. */
  add(gang: WaitingGroup): void {
    const lent = engineClasses[gang.group.engine];
    let known = this.#classes.get(lent);
    if (!known) this.#classes.set(lent, (known = new ClassGangs()));
    known.byPrice.add(gang);
    known.queue.add(gang);
  }

  /** Takes a gang out, and frees what was kept for it; nothing happens where it is not here. */
  remove(gang: WaitingGroup): void {
    const lent = engineClasses[gang.group.engine];
    const known = this.#classes.get(lent);
    if (!known?.queue.delete(gang)) return;
    known.byPrice.remove(gang);
    this.#keepMs.delete(gang);
    if (known.reservation?.gang === gang) this.#end(known);
    if (known.queue.size === 0) this.#classes.delete(lent);
  }

  /** Another task is the gang's oldest. */
  setAge(gang: WaitingGroup, age: number): void {
    const known = this.#classes.get(engineClasses[gang.group.engine]);
    if (!known?.queue.has(gang)) return;
    known.byPrice.remove(gang);
    gang.age = age;
    known.byPrice.add(gang);
  }

  /** Those that come first of the class: some agent of it has room now. */
  candidates(lent: LentClass): WaitingGroup[] {
    return firstOf(this.#classes.get(lent)?.byPrice ?? []);
  }

  /** Ends reservations whose time is over. */
  expire(now: number): void {
    for (const known of this.#classes.values()) {
      if (known.reservation && known.reservation.until <= now) this.#postpone(known, known.reservation.gang, now);
    }
  }

  /** Begins reservations among `agents`, which is walked only where one is due. */
  reserve(now: number, agents: () => Iterable<MarketAgent>): void {
    for (const known of this.#classes.values()) {
      if (known.reservation || known.retryAt > now) continue;
      if (!this.#reserveFor(known, now, agents)) known.retryAt = now + retryMs;
    }
  }

  /** The agent has a free slot: it is kept where a gang needs it. */
  offer(agent: MarketAgent): void {
    const reservation = this.#classes.get(agent.terms.offer.class)?.reservation;
    if (!reservation || agent.isKept || isFull(reservation)) return;
    if (refusingFilter(reservation.gang.group, agent.terms) !== undefined) return;
    reservation.agents.add(agent);
    this.#slots.keep(agent);
  }

  /** The gangs for which enough agents were kept, each with these, which keep nothing any longer. */
  takeFull(): (readonly [WaitingGroup, readonly MarketAgent[]])[] {
    const full = [...this.#classes.values()].filter(({ reservation }) => reservation && isFull(reservation));
    return full.flatMap((known) => {
      const { reservation } = known;
      this.#end(known);
      return reservation ? [[reservation.gang, [...reservation.agents]] as const] : [];
    });
  }

  /** For the next gang in turn that the agents here are enough for; those that they are not go to the end. */
  #reserveFor(known: ClassGangs, now: number, agents: () => Iterable<MarketAgent>): boolean {
    for (const gang of firstOf(known.queue)) {
      if (areEnough(agents(), gang)) {
        const until = now + (this.#keepMs.get(gang) ?? keepMs.first);
        known.reservation = { gang, until, agents: new Set() };
        for (const agent of agents()) if (agent.room > 0) this.offer(agent);
        return true;
      }
      toEnd(known.queue, gang);
    }
    return false;
  }

  /** Others have their turn, and the next time more is waited for; as long as slots were kept in vain, none is. */
  #postpone(known: ClassGangs, gang: WaitingGroup, now: number): void {
    const keptMs = this.#keepMs.get(gang) ?? keepMs.first;
    this.#end(known);
    toEnd(known.queue, gang);
    this.#keepMs.set(gang, Math.min(2 * keptMs, keepMs.longest));
    known.retryAt = now + keptMs;
  }

  #end(known: ClassGangs): void {
    const { agents } = known.reservation ?? { agents: [] };
    known.reservation = undefined;
    for (const agent of agents) this.#slots.release(agent);
  }
}

/** An agent whose slot was taken back keeps nothing any longer. */
function isFull({ gang, agents }: Reservation): boolean {
  for (const agent of agents) if (!agent.isKept) agents.delete(agent);
  return agents.size >= gang.group.gangSize;
}

/** Whether as many agents as the gang needs would take its tasks if they were free. */
function areEnough(agents: Iterable<MarketAgent>, { group }: WaitingGroup): boolean {
  let enough = 0;
  for (const { terms } of agents) {
    if (refusingFilter(group, terms) === undefined && ++enough === group.gangSize) return true;
  }
  return false;
}

function firstOf(gangs: Iterable<WaitingGroup>): WaitingGroup[] {
  const first: WaitingGroup[] = [];
  for (const gang of gangs) if (first.push(gang) === mostTried) break;
  return first;
}

function toEnd(queue: Set<WaitingGroup>, gang: WaitingGroup): void {
  queue.delete(gang);
  queue.add(gang);
}

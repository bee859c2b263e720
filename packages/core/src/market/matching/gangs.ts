import { engineClasses } from "../../protocol/requirements.js";
import type { LentClass } from "../../units/rating/slot-speed.js";
import type { MarketAgent } from "./agent-index.js";
import { refusingFilter } from "./filters.js";
import { compareGroups, type WaitingGroup } from "./group-index.js";
import { OrderedTree } from "./ordered-tree.js";
import { areEnough, emptiest, hasPart, isFull, type Reservation } from "./reservation.js";

/**
 * How long agents are kept free for a gang the first time, in ms; each later time twice as long, up to the longest run
 * that a task may ask for: by then all that ran at the beginning has ended.
 */
export const keepMs = { first: 30_000, longest: 7 * 24 * 3_600_000 } as const;
/** Where agents are too few for any gang, it is looked at again after this time, in ms. */
const retryMs = 1_000;
/** A task that needs one agent of a class that lends parts has a card closed to others when it has waited this long, in ms. */
export const passedByMs = 30_000;
/** Gangs looked at for one decision: of those with the best price, and of those whose turn it is to have agents kept. */
const mostTried = 4;

const anything = [0, 0] as const;

/** Is told which agents keep one of their free slots or are closed, and which no longer. */
export interface KeptSlots {
  has(agent: MarketAgent): boolean;
  keep(agent: MarketAgent): void;
  release(agent: MarketAgent): void;
  close(agent: MarketAgent): void;
  reopen(agent: MarketAgent): void;
}

/** What waits of one class of devices. */
class ClassGangs {
  readonly byPrice = new OrderedTree<WaitingGroup>(compareGroups, () => anything);
  /** The first is the next for which agents are kept. */
  readonly queue = new Set<WaitingGroup>();
  /** Groups of single tasks that parts lent to others may keep from an agent, and since when they have had none. */
  readonly singles = new Map<WaitingGroup, number>();
  reservation: Reservation | undefined;
  /** No reservation is tried before. */
  retryAt = 0;
}

/**
 * Gangs that wait: groups whose tasks begin together or not at all. One that finds enough agents free takes them when its price has its
 * turn, as others do. Where agents never are free together, tasks that need only one would pass it by for ever: so in each class the agents
 * that become free are kept for one gang, in the order in which gangs came, for a bounded time.
 *
 * The same befalls a single task that needs a large part of a card, or all of it, where small parts are lent all the time: after
 * a while one card is closed to others until enough of it is free.
 */
export class Gangs {
  readonly #classes = new Map<LentClass, ClassGangs>();
  /** How long agents are kept for a gang the next time, in ms. */
  readonly #keepMs = new Map<WaitingGroup, number>();
  readonly #slots: KeptSlots;
  /** Of the last decision. */
  #now = 0;

  constructor(slots: KeptSlots) {
    this.#slots = slots;
  }

  get isEmpty(): boolean {
    return this.#classes.size === 0;
  }

  /** Adds a gang that waits whole, and is not here. */
  add(gang: WaitingGroup): void {
    const known = this.#classOf(gang);
    known.byPrice.add(gang);
    known.queue.add(gang);
  }

  /** Begins to look after a group of single tasks that may be passed by. */
  watch(group: WaitingGroup): void {
    this.#classOf(group).singles.set(group, this.#now);
  }

  /** Looks after it no longer; nothing happens where it did not. */
  unwatch(group: WaitingGroup): void {
    const lent = engineClasses[group.group.engine];
    const known = this.#classes.get(lent);
    if (!known?.singles.delete(group)) return;
    this.#forget(known, lent, group);
  }

  /** One of the tasks of a group that is looked after has an agent: it was not passed by. */
  served(group: WaitingGroup): void {
    const singles = this.#classes.get(engineClasses[group.group.engine])?.singles;
    if (singles?.delete(group)) singles.set(group, this.#now);
  }

  /** Takes a gang out, and frees what was kept for it; nothing happens where it is not here. */
  remove(gang: WaitingGroup): void {
    const lent = engineClasses[gang.group.engine];
    const known = this.#classes.get(lent);
    if (!known?.queue.delete(gang)) return;
    known.byPrice.remove(gang);
    this.#forget(known, lent, gang);
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

  /** Ends reservations whose time is over, and those of which a closed agent has gone: another is closed then. */
  expire(now: number): void {
    this.#now = now;
    for (const known of this.#classes.values()) {
      const { reservation } = known;
      if (!reservation) continue;
      if (reservation.until <= now) this.#postpone(known, reservation.gang, now);
      else if (!reservation.closed.every((agent) => this.#slots.has(agent))) this.#end(known);
    }
  }

  /** Begins reservations among `agents`, which is walked only where one is due. */
  reserve(now: number, agents: () => Iterable<MarketAgent>): void {
    for (const known of this.#classes.values()) {
      if (known.reservation || known.retryAt > now) continue;
      if (!this.#reserveFor(known, now, agents)) known.retryAt = now + retryMs;
    }
  }

  /** The agent has room: it is kept where a gang needs it. */
  offer(agent: MarketAgent): void {
    const reservation = this.#classes.get(agent.terms.offer.class)?.reservation;
    if (!reservation || agent.isKept || isFull(reservation)) return;
    const { group } = reservation.gang;
    if (refusingFilter(group, agent.terms) !== undefined) return;
    if (group.part ? hasPart(agent, group.part) : agent.room > 0) reservation.agents.add(agent);
    if (reservation.agents.has(agent) && !group.part) this.#slots.keep(agent);
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

  /** For the next in turn that the agents here are enough for; those that they are not go to the end. */
  #reserveFor(known: ClassGangs, now: number, agents: () => Iterable<MarketAgent>): boolean {
    const passedBy = firstOf(known.singles.keys()).filter(
      (group) => now - (known.singles.get(group) ?? now) >= passedByMs,
    );
    for (const gang of [...firstOf(known.queue), ...passedBy]) {
      if (areEnough(agents(), gang)) {
        this.#begin(known, gang, now, agents);
        return true;
      }
      toEnd(known, gang, now);
    }
    return false;
  }

  #begin(known: ClassGangs, gang: WaitingGroup, now: number, agents: () => Iterable<MarketAgent>): void {
    const until = now + (this.#keepMs.get(gang) ?? keepMs.first);
    const begun = { gang, until, agents: new Set<MarketAgent>() };
    known.reservation = { ...begun, closed: [] };
    for (const agent of agents()) if (agent.room > 0) this.offer(agent);
    const closed = emptiest(agents(), gang, gang.group.gangSize - begun.agents.size);
    for (const agent of closed) this.#slots.close(agent);
    known.reservation = { ...begun, closed };
  }

  /** Others have their turn, and the next time more is waited for; as long as slots were kept in vain, none is. */
  #postpone(known: ClassGangs, gang: WaitingGroup, now: number): void {
    const keptMs = this.#keepMs.get(gang) ?? keepMs.first;
    this.#end(known);
    toEnd(known, gang, now);
    this.#keepMs.set(gang, Math.min(2 * keptMs, keepMs.longest));
    known.retryAt = now + keptMs;
  }

  #end(known: ClassGangs): void {
    const { agents, closed } = known.reservation ?? { agents: [], closed: [] };
    known.reservation = undefined;
    for (const agent of agents) this.#slots.release(agent);
    for (const agent of closed) this.#slots.reopen(agent);
  }

  #classOf({ group }: WaitingGroup): ClassGangs {
    const lent = engineClasses[group.engine];
    let known = this.#classes.get(lent);
    if (!known) this.#classes.set(lent, (known = new ClassGangs()));
    return known;
  }

  #forget(known: ClassGangs, lent: LentClass, gang: WaitingGroup): void {
    this.#keepMs.delete(gang);
    if (known.reservation?.gang === gang) this.#end(known);
    if (known.queue.size === 0 && known.singles.size === 0) this.#classes.delete(lent);
  }
}

function firstOf(gangs: Iterable<WaitingGroup>): WaitingGroup[] {
  const first: WaitingGroup[] = [];
  for (const gang of gangs) if (first.push(gang) === mostTried) break;
  return first;
}

function toEnd({ queue, singles }: ClassGangs, gang: WaitingGroup, now: number): void {
  if (queue.delete(gang)) queue.add(gang);
  if (singles.delete(gang)) singles.set(gang, now);
}

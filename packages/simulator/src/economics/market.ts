import { BackOffs } from "@aegis-pool/core";
import type { Agent } from "./agents.js";

/** An agent in an epoch: what it was offered and did. Times are in ms since the epoch began. */
export interface AgentDay {
  readonly agent: Agent;
  /** nAIS per SCU-second. */
  readonly floor: number;
  /** It is away from the first to the second. */
  readonly away: readonly [number, number];
  /** When it is free again. */
  freeAt: number;
  offered: number;
  missed: number;
  /** While it waited for a proof of its speed under a new key. */
  lostMs: number;
  /** After a miss, or while it is left alone, it does not count until then, and has not for so long in all. */
  pausedUntil: number;
  pausedMs: number;
  busyMs: number;
  /** µSCU-seconds, those of others' tasks and, among these, of complex ones. */
  work: number;
  complexWork: number;
  /** nAIS earned by work net of the fee, and paid to its own tasks and their fee; whole numbers far below 2^53. */
  earned: number;
  ownCost: number;
}

/** How agents of one floor are chosen among: evenly by what they could do, or whoever connected first, as ties are broken by production's matching. */
export type TieBreak = "even" | "first";

/** Draws until one that is idle is found; then all are looked through. */
const draws = 8;
/** An agent has a ticket for each so many µSCU. */
const ticketSpeed = 500_000;

/** Agents at one floor. */
interface Level {
  readonly floor: number;
  readonly days: readonly AgentDay[];
  readonly tickets: readonly AgentDay[];
}

/** Finds who is offered a task: of those that are there and idle one at the lowest floor, as production does. */
export class OpenMarket {
  readonly #levels: readonly Level[];
  readonly #random: () => number;
  readonly #tieBreak: TieBreak;
  readonly #backOffs = new BackOffs();

  constructor(days: readonly AgentDay[], random: () => number, tieBreak: TieBreak) {
    this.#random = random;
    this.#tieBreak = tieBreak;
    const floors = [...new Set(days.map(({ floor }) => floor))].toSorted((one, other) => one - other);
    this.#levels = floors.map((floor) =>
      levelOf(
        floor,
        days.filter((day) => day.floor === floor),
      ),
    );
  }

  /** An idle agent for a task of this top price; undefined where there is none. */
  idle(topPrice: number, now: number, may: (day: AgentDay) => boolean): AgentDay | undefined {
    for (const level of this.#levels) {
      if (level.floor > topPrice) return undefined;
      const found = this.#idleOf(level, (day) => this.#isIdle(day, now) && may(day));
      if (found) return found;
    }
    return undefined;
  }

  /** Of some that would take it, who is free first: the task waits for that one. */
  soonest(topPrice: number, now: number, may: (day: AgentDay) => boolean): AgentDay | undefined {
    const levels = this.#levels.filter(({ floor }) => floor <= topPrice);
    const drawn = Array.from({ length: draws }, () =>
      drawOf(levels[Math.floor(this.#random() * levels.length)], this.#random),
    );
    return drawn
      .filter((day): day is AgentDay => day !== undefined && may(day) && this.#backOffs.until(day.agent.id) <= now)
      .toSorted((one, other) => startOf(one, now) - startOf(other, now))[0];
  }

  /** It did not take what it was offered, and is left alone for a while, by production's own rule. @returns until when */
  declined(day: AgentDay, job: string, now: number): number {
    this.#backOffs.failed(day.agent.id, job, now);
    const { endsBackOffs, takesNewKeys } = day.agent.behaviour;
    if (endsBackOffs || takesNewKeys) this.ended(day); // a new key is another agent to the pool
    return this.#backOffs.until(day.agent.id);
  }

  ended(day: AgentDay): void {
    this.#backOffs.succeeded(day.agent.id);
  }

  #idleOf({ days, tickets }: Level, isFit: (day: AgentDay) => boolean): AgentDay | undefined {
    if (this.#tieBreak === "first") return days.find(isFit);
    for (let draw = 0; draw < draws; draw++) {
      const day = tickets[Math.floor(this.#random() * tickets.length)];
      if (day && isFit(day)) return day;
    }
    return this.#anyOf(days.filter(isFit));
  }

  /** One of these, each as likely as it is fast. */
  #anyOf(days: readonly AgentDay[]): AgentDay | undefined {
    let [seen, chosen]: [number, AgentDay | undefined] = [0, undefined];
    for (const day of days) {
      seen += day.agent.speed;
      if (this.#random() * seen < day.agent.speed) chosen = day;
    }
    return chosen;
  }

  #isIdle(day: AgentDay, now: number): boolean {
    return startOf(day, now) === now && this.#backOffs.until(day.agent.id) <= now;
  }
}

/** When an agent could begin a task that is there now. */
export function startOf({ freeAt, away: [from, to] }: AgentDay, now: number): number {
  const free = Math.max(now, freeAt);
  return free >= from && free < to ? to : free;
}

function levelOf(floor: number, days: readonly AgentDay[]): Level {
  const tickets = days.flatMap((day) =>
    Array.from({ length: Math.max(1, Math.round(day.agent.speed / ticketSpeed)) }, () => day),
  );
  return { floor, days, tickets };
}

function drawOf(level: Level | undefined, random: () => number): AgentDay | undefined {
  return level?.tickets[Math.floor(random() * level.tickets.length)];
}

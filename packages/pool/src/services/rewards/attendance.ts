import { randomBytes } from "node:crypto";
import { countingAtPrice, pauseAfterMiss, type RewardParameters, toHex } from "@aegis-pool/core";
import { type AttendanceRow, writeAttendances } from "../../store/epoch-rows.js";
import type { GroupCommit, WriteKind } from "../group-commit.js";
import type { AgentSession } from "../market/live.js";

/** What counting is built on. */
export interface AttendanceParts {
  readonly sessions: ReadonlyMap<string, AgentSession>;
  readonly commit: Pick<GroupCommit, "submit">;
  /** Whether an agent has failed of late, and is given no work for a while. */
  readonly isLeftAlone: (agent: string) => boolean;
  readonly parameters: Pick<RewardParameters, "mostPricePercent">;
}

/** Where counting begins. */
export interface BegunCount {
  readonly epoch: number;
  /** ms since 1970. */
  readonly now: number;
  /** nAIS per SCU-second. */
  readonly referencePrice: number;
  /** What was counted in this epoch before the pool was started. */
  readonly before: readonly AttendanceRow[];
}

type Counted = { -readonly [Key in keyof AttendanceRow]: AttendanceRow[Key] };

/** More than the time between two looks is never counted, in ms: nobody knows who was here meanwhile. */
const mostAtOnceMs = 30_000;

const writeCounted: WriteKind<AttendanceRow, true> = {
  order: 8,
  async write(client, rows) {
    const newest = new Map(rows.map((row) => [`${row.epoch} ${toHex(row.agent)}`, row])); // of the same the later one
    await writeAttendances(client, [...newest.values()]);
    return rows.map(() => true);
  },
};

/** Counts what each connected agent is good for in the epoch that runs: with a proven speed, at a price that counts, ready to work. */
export class Attendance {
  readonly #parts: AttendanceParts;
  readonly #counted = new Map<string, Counted>();
  readonly #changed = new Set<Counted>();
  /** Until when agents that have missed an offer do not count, in ms since 1970; whose pause is over are forgotten at the next look. */
  readonly #paused = new Map<string, number>();
  #epoch: number;
  #lookedAt: number;
  /** nAIS per SCU-second. */
  referencePrice: number;

  constructor(parts: AttendanceParts, { epoch, now, referencePrice, before }: BegunCount) {
    this.#parts = parts;
    this.#epoch = epoch;
    this.#lookedAt = now;
    this.referencePrice = referencePrice;
    for (const row of before) this.#counted.set(Buffer.from(row.agent).toString("hex"), { ...row });
  }

  /** An agent was offered a task. */
  offered(agent: string): void {
    const counted = this.#of(agent);
    if (counted) counted.offered++;
  }

  /** It did not take so many, or gave them back. The first loss of a connection is one miss, whatever was lost with it: one is forgiven. */
  missed(agent: string, tasks: number, isAway = false): void {
    const counted = this.#of(agent);
    if (!counted) return;
    counted.missed += isAway && counted.missed === 0 ? 1 : tasks;
    const pauseMs = pauseAfterMiss(counted.missed);
    if (pauseMs > 0) this.#paused.set(agent, this.#lookedAt + pauseMs);
  }

  /** Counts the time since the last look, for those who are here now, and begins another epoch where it is time for it. */
  look(now: number, epoch: number): void {
    const ms = Math.min(mostAtOnceMs, Math.max(0, now - this.#lookedAt));
    this.#lookedAt = now;
    for (const session of this.#parts.sessions.values()) {
      const proven = Math.floor((speedOf(session) * ms) / 1_000);
      const counted = proven > 0 ? this.#of(session.id) : undefined;
      if (!counted) continue;
      counted.connected += proven;
      counted.available += this.#countingOf(session, proven);
    }
    for (const [agent, until] of this.#paused) if (until <= now) this.#paused.delete(agent);
    if (epoch <= this.#epoch) return; // also where a clock was set back
    this.#epoch = epoch;
    this.#counted.clear();
  }

  /** Writes what has changed; resolves when it is durable. */
  async write(): Promise<void> {
    const changed = [...this.#changed].map((counted) => ({ ...counted }));
    this.#changed.clear();
    await Promise.all(changed.map((row) => this.#parts.commit.submit(writeCounted, row)));
  }

  /** What counts of `proven` µSCU-seconds, by the price and the reference price of this very moment. */
  #countingOf({ id, offer, wanted }: AgentSession, proven: number): number {
    if (wanted <= 0 || this.#paused.has(id) || this.#parts.isLeftAlone(id)) return 0;
    const prices = { floorPrice: Number(offer.floorPrice), referencePrice: this.referencePrice };
    return countingAtPrice(proven, prices, this.#parts.parameters);
  }

  #of(agent: string): Counted | undefined {
    const session = this.#parts.sessions.get(agent);
    const counted = this.#counted.get(agent) ?? (session && this.#new(session));
    if (!counted) return undefined;
    this.#counted.set(agent, counted);
    this.#changed.add(counted);
    return counted;
  }

  #new({ key, operatorKey }: AgentSession): Counted {
    const [epoch, salt] = [this.#epoch, randomBytes(16)];
    return { epoch, agent: key, operator: operatorKey, salt, connected: 0, available: 0, offered: 0, missed: 0 };
  }
}

/** µSCU of all slots: what is proven, or less where real work was slower. */
function speedOf({ provenSpeed, slotSpeed, offer }: AgentSession): number {
  return Math.min(provenSpeed, slotSpeed) * offer.slots;
}

import { equalBytes, type Signer, type ToPool } from "@aegis-pool/core";
import { termsOf } from "./attempt-terms.js";
import { bytesOfAttempt, dutyBounds } from "./bounds.js";
import type { Asked, AttemptMessage, CommitteeMessage, DutyRefusal } from "./messages.js";
import { Seat, type SeatParts } from "./seat.js";
import { Settlements } from "./settlements.js";
import type { AttemptName } from "./signed-before.js";
import type { SignLog } from "./sign-log.js";
import type { SumFiles } from "./sum-files.js";

/** What a committee member works with, and whom it tells. */
export interface DutyParts {
  /** The agent's identity. */
  readonly agent: Signer;
  readonly pool: Uint8Array;
  readonly files: SumFiles;
  readonly log: SignLog;
  /** What all sums together may need, in bytes; what the agent lends to one task. */
  readonly memoryBytes: number;
  /** ms of a clock that never goes back; this process's own by default. */
  readonly now?: () => number;
  send(message: ToPool): void;
  onEvent(event: DutyEvent): void;
}

/** What is worth a line to the machine's owner. */
export type DutyEvent =
  /** All sums of a run are done, and the pool has asked for the statement that they are paid by. */
  | { readonly kind: "ran"; readonly number: number; readonly outcome: "completed"; readonly ranMs: number }
  /** The pool has asked for a statement about something that is no member task of its own. */
  | { readonly kind: "handed-back"; readonly number: number; readonly reason: "manifest-invalid" }
  /** This machine cannot take part in a sum: its disk, or this program, is at fault. */
  | { readonly kind: "not-summing"; readonly why: string };

/**
 * The agent as a committee member: it makes keys for an attempt, checks uploads, signs once for who is in a sum, says what their masks add up to, and
 * signs the sum. All of it is this program's own work: nothing of anybody's is run, and nothing but sums ever leaves. Whatever the pool repeats is
 * answered the same; messages of one attempt are answered in turn, and no attempt waits for another. A lost connection changes nothing. A stopped
 * process has lost its keys, and is a failed member to every attempt that it was in.
 *
 * While the owner does not lend, no attempt begins, and those that have begun go on: a sum that lost its members would be lost to all who gave to it.
 */
export class CommitteeDuty {
  readonly #parts: DutyParts;
  readonly #now: () => number;
  readonly #settlements: Settlements;
  readonly #seatParts: SeatParts;
  /** By task, round and attempt. */
  readonly #seats = new Map<string, Seat>();
  #paused = false;

  constructor(parts: DutyParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#settlements = new Settlements(parts.agent, parts.pool);
    const { agent, files, log } = parts;
    this.#seatParts = { agent, files, log, onDone: (...done) => this.#done(...done) };
  }

  receive(message: CommitteeMessage): void {
    if (message.type === "committee-settle") this.#settle(message);
    else if (message.type === "committee-close") this.#drop(this.#seats.get(nameOf(message)));
    else if (message.type === "committee-open") this.#open(message);
    else this.#pass(this.#seats.get(nameOf(message)), message);
  }

  /** No new attempts until {@link resume}. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Forgets all keys, and waits for nobody but the disk: without its log nothing begins any more. */
  async leave(): Promise<void> {
    for (const seat of this.#seats.values()) this.#drop(seat);
    await this.#parts.log.close();
  }

  #open(message: Asked<"open">): void {
    const seat = this.#seats.get(nameOf(message)) ?? this.#admit(message);
    if (typeof seat === "string") this.#refuse(message, seat);
    else this.#pass(seat, message);
  }

  #pass(seat: Seat | undefined, message: AttemptMessage): void {
    if (!seat) return this.#refuse(message, "unknown-attempt");
    seat.touchedAt = this.#now();
    if (!seat.take(message)) this.#refuse(message, "too-many");
  }

  /** A seat in another attempt, where there is room for it. */
  #admit(message: Asked<"open">): Seat | DutyRefusal {
    if (this.#paused) return "paused";
    const terms = termsOf(message, this.#parts.agent.publicKey);
    if (typeof terms === "string") return terms;
    this.#dropEnded(message);
    const seats = [...this.#seats.values()];
    if (seats.some(({ name }) => isSame(name, message))) return "attempt-changed"; // under another task's number
    if (seats.length >= dutyBounds.attempts) return "too-many";
    const free = seats.reduce((left, { bytes }) => left - bytes, this.#parts.memoryBytes);
    if (bytesOfAttempt(message) > free) return "too-large";
    const seat = new Seat(message, terms, this.#seatParts);
    this.#seats.set(nameOf(message), seat);
    return seat;
  }

  /** A round begins when all earlier ones are over: what told this member so may have been lost with a connection, or with the pool. */
  #dropEnded({ number, round }: Asked<"open">): void {
    const silentSince = this.#now() - dutyBounds.silentMs;
    for (const seat of this.#seats.values()) {
      const isEarlier = seat.opened.number === number && seat.opened.round < round;
      if (isEarlier || seat.touchedAt < silentSince) this.#drop(seat);
    }
  }

  #drop(seat: Seat | undefined): void {
    if (!seat) return;
    this.#seats.delete(nameOf(seat.opened));
    seat.close();
    this.#parts.log.forget(seat.name);
  }

  #done(...[message, answer, ms, cause]: Parameters<SeatParts["onDone"]>): void {
    this.#settlements.worked(message.number, ms);
    if (typeof answer !== "string") return this.#parts.send(answer);
    const seat = this.#seats.get(nameOf(message));
    if (seat && !seat.isOpen) this.#drop(seat);
    this.#refuse(message, answer);
    if (answer === "not-recorded" || answer === "failed")
      this.#parts.onEvent({ kind: "not-summing", why: cause instanceof Error ? cause.message : answer });
  }

  #refuse(message: AttemptMessage, reason: DutyRefusal): void {
    const { number, round, attempt } = message;
    const group = "group" in message ? { group: message.group } : {};
    this.#parts.send({ type: "committee-refused", number, round, attempt, ...group, reason });
  }

  /** A run is over: of its task nothing is open any more. */
  #settle(message: Asked<"settle">): void {
    const { number } = message;
    const settlement = this.#settlements.settle(message);
    if (!settlement) {
      this.#parts.send({ type: "hand-back", number, fence: 1, reason: "manifest-invalid" });
      return this.#parts.onEvent({ kind: "handed-back", number, reason: "manifest-invalid" });
    }
    for (const seat of this.#seats.values()) if (seat.opened.number === number) this.#drop(seat);
    const { run, ranMs, isNew } = settlement;
    this.#parts.send({ type: "committee-settled", number, run });
    if (isNew) this.#parts.onEvent({ kind: "ran", number, outcome: "completed", ranMs });
  }
}

function nameOf({ number, round, attempt }: Pick<Asked<"open">, "number" | "round" | "attempt">): string {
  return [number, round, attempt].join("/");
}

function isSame(a: AttemptName, b: AttemptName): boolean {
  return equalBytes(a.run, b.run) && a.round === b.round && a.attempt === b.attempt;
}

import { equalBytes, type MemberTerms, type Signer, toCbor } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { bytesOfAttempt, dutyBounds } from "./bounds.js";
import { type Asked, type AttemptMessage, type CommitteeAnswer, type DutyRefusal, Refused } from "./messages.js";
import { OpenAttempt } from "./open-attempt.js";
import type { SignLog } from "./sign-log.js";
import type { AttemptName } from "./signed-before.js";
import type { SumFiles } from "./sum-files.js";
import { Turns } from "./turns.js";

/** What seats work with, and whom they tell. */
export interface SeatParts {
  /** The agent's identity. */
  readonly agent: Signer;
  readonly files: SumFiles;
  readonly log: SignLog;
  /** The answer to `message`, or why there is none; with its cause, where the fault is on this side. `ms`: what it took. */
  onDone(message: AttemptMessage, answer: CommitteeAnswer | DutyRefusal, ms: number, cause?: unknown): void;
}

/** A place in one attempt's committee, from the moment that a pool asks for it: what is said about it is done in turn, apart from all other attempts. */
export class Seat {
  readonly opened: Asked<"open">;
  /** Memory that it can come to need. */
  readonly bytes: number;
  /** When somebody last spoke of it, in ms of the duty's clock. */
  touchedAt = 0;
  readonly #terms: MemberTerms;
  readonly #parts: SeatParts;
  readonly #turns = new Turns(dutyBounds.waiting);
  readonly #closing = new AbortController();
  #attempt: OpenAttempt | undefined;

  constructor(opened: Asked<"open">, terms: MemberTerms, parts: SeatParts) {
    this.opened = opened;
    this.bytes = bytesOfAttempt(opened);
    this.#terms = terms;
    this.#parts = parts;
  }

  get name(): AttemptName {
    return this.opened;
  }

  /** Whether it has keys. */
  get isOpen(): boolean {
    return this.#attempt !== undefined;
  }

  /** Does what a message asks when all before it is done; false where too much waits. */
  take(message: AttemptMessage): boolean {
    return this.#turns.take(() => this.#do(message), weightOf(message));
  }

  /** The keys are forgotten, and what goes on is not waited for. */
  close(): void {
    this.#closing.abort();
    this.#attempt = undefined;
  }

  async #do(message: AttemptMessage): Promise<void> {
    const begunAt = performance.now();
    const [answer, cause] = await this.#answerTo(message);
    if (!this.#closing.signal.aborted) this.#parts.onDone(message, answer, performance.now() - begunAt, cause);
  }

  async #answerTo(message: AttemptMessage): Promise<[CommitteeAnswer | DutyRefusal, unknown?]> {
    try {
      return [await this.#obey(message)];
    } catch (error) {
      return error instanceof Refused ? [error.reason, error.cause] : ["failed", error];
    }
  }

  async #obey(message: AttemptMessage): Promise<CommitteeAnswer | DutyRefusal> {
    if (message.type === "committee-open") return this.#open(message);
    const attempt = this.#attempt;
    if (!attempt) return "unknown-attempt";
    if (message.type === "committee-uploads") return attempt.check(message);
    if (message.type === "committee-sign") return attempt.sign(message);
    if (message.type === "committee-answer") return attempt.answer(message);
    return message.type === "committee-show" ? attempt.show(message) : attempt.confirm(message);
  }

  async #open(message: Asked<"open">): Promise<CommitteeAnswer | DutyRefusal> {
    if (!equalBytes(hashOf(message), hashOf(this.opened))) return "attempt-changed";
    if (!this.#attempt) {
      if (await this.#parts.log.isOver(this.name)) return "keys-gone";
      const { agent, files, log } = this.#parts;
      const parts = { agent, files, recordFirst: log.recordFirst, signal: this.#closing.signal };
      this.#attempt = await OpenAttempt.open(this.opened, this.#terms, parts);
    }
    const { number, round, attempt } = this.opened;
    return { type: "committee-keys", number, round, attempt, keys: this.#attempt.keys };
  }
}

function hashOf(message: Asked<"open">): Uint8Array {
  return primitives.sha256(toCbor(message));
}

/** Roughly by what it takes to hold and to check. */
function weightOf(message: AttemptMessage): number {
  if (message.type === "committee-uploads") return 1 + message.uploads.length;
  if (message.type === "committee-open") return 1 + message.participants.length;
  if (message.type === "committee-sign") return 1 + (message.survivors?.length ?? 0);
  return 1;
}

import { type LendingTerms, type PauseReason, pauseReason } from "@aegis-pool/core";

/** How often the terms are looked at, in ms: an owner who comes back waits less than a second. */
const lookEveryMs = 250;

/** What stops and goes on at the owner's wish. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** What an owner's wishes are judged by, besides their own word. */
export interface Surroundings {
  /** Local time, 0 to 1439. */
  minuteOfDay(): number;
  /** ms of a clock that nobody sets. */
  now(): number;
  /** Looks whether the owner uses the machine, and says when they last did. */
  activeAt(): number | undefined;
}

/** Has the machine lent when its owner wants it lent, and not otherwise. */
export class Owner {
  readonly terms: LendingTerms;
  readonly #surroundings: Surroundings;
  readonly #work: Pausable;
  readonly #onChange: (reason: PauseReason | undefined) => void;
  #pausedByHand = false;
  #reason: PauseReason | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    terms: LendingTerms;
    surroundings: Surroundings;
    work: Pausable;
    onChange: (reason: PauseReason | undefined) => void;
  }) {
    this.terms = options.terms;
    this.#surroundings = options.surroundings;
    this.#work = options.work;
    this.#onChange = options.onChange;
  }

  /** Why nothing is lent now; undefined while it is. */
  get reason(): PauseReason | undefined {
    return this.#reason;
  }

  /** Looks at once and from now on. */
  start(): void {
    this.look();
    this.#timer = setInterval(() => this.look(), lookEveryMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Pauses until {@link resume}, whatever the terms say. */
  pause(): void {
    this.#pausedByHand = true;
    this.look();
  }

  /** Lends again as the terms say. */
  resume(): void {
    this.#pausedByHand = false;
    this.look();
  }

  /** Looks what holds now, and acts where that has changed. */
  look(): void {
    const around = this.#surroundings;
    const reason = pauseReason(this.terms, {
      pausedByHand: this.#pausedByHand,
      minuteOfDay: around.minuteOfDay(),
      activeAt: around.activeAt(),
      now: around.now(),
    });
    if (reason === this.#reason) return;
    this.#reason = reason;
    if (reason) this.#work.pause();
    else this.#work.resume();
    this.#onChange(reason);
  }
}

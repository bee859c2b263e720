import { type HoldingSignal, sendSignal } from "./signals.js";

/**
 * Stops all processes that it knows at once, and keeps them stopped until it is let off: whoever else stops and
 * continues them, as a duty cycle does, does so through {@link signal}.
 */
export class Brake {
  readonly #pids = new Set<number>();
  readonly #send: (pid: number, name: HoldingSignal) => void;
  #on = false;

  constructor(send = sendSignal) {
    this.#send = send;
  }

  get isOn(): boolean {
    return this.#on;
  }

  /** A process that starts while the brake is on is stopped too. */
  add(pid: number): void {
    this.#pids.add(pid);
    if (this.#on) this.#send(pid, "SIGSTOP");
  }

  remove(pid: number): void {
    this.#pids.delete(pid);
  }

  pull(): void {
    this.#on = true;
    for (const pid of this.#pids) this.#send(pid, "SIGSTOP");
  }

  letOff(): void {
    this.#on = false;
    for (const pid of this.#pids) this.#send(pid, "SIGCONT");
  }

  /** Sends a signal on, but lets nothing continue while the brake is on. */
  readonly signal = (pid: number, name: HoldingSignal): void => {
    if (!this.#on || name === "SIGSTOP") this.#send(pid, name);
  };
}

import { equalBytes, type KnownRun, openRun, type RunView, seatsHash, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { failed, refused } from "./refusals.js";
import type { RunConnection } from "./run-connection.js";
import type { RunReference } from "./run-text.js";
import { pause } from "./until-answered.js";

/**
 * The least time between two views, in ms. With news: else each of a hundred participants would ask a hundred times while all upload. Without: a pool that
 * does not wait for news is not asked without pause.
 */
const leastMs = { news: 50, none: 250 };

/** Watches one run: what a view says that is fixed must be what was fixed. */
export class RunWatch {
  readonly known: KnownRun;
  /** The seats' keys, ascending. */
  readonly seats: readonly Uint8Array[];
  readonly connection: RunConnection;
  #view: RunView;

  private constructor(known: KnownRun, view: RunView, connection: RunConnection) {
    this.known = known;
    this.seats = view.seats;
    this.connection = connection;
    this.#view = view;
  }

  /** @throws {AegisError} `federated-refused` unless the pool shows the run that `reference` names, with its plan */
  static async open(connection: RunConnection, { pool, run, plan }: RunReference): Promise<RunWatch> {
    const view = await connection.view();
    const known = openRun(view.terms, pool.key, primitives);
    if (!known || !equalBytes(known.id, run)) throw refused("shows another run than the one that was asked for");
    const { terms } = known;
    if (!equalBytes(primitives.sha256(plan), terms.plan)) throw refused("shows a run of another plan");
    const isOrdered = view.seats.every((seat, place) => place === 0 || toHex(view.seats[place - 1]!) < toHex(seat));
    const isWhole = isOrdered && view.seats.length === terms.participants;
    if (!isWhole || !equalBytes(seatsHash(view.seats, primitives), terms.seats)) {
      throw refused("shows other seats than the run's terms name");
    }
    return new RunWatch(known, view, connection);
  }

  /** The newest view. */
  get view(): RunView {
    return this.#view;
  }

  /**
   * Waits until `found` finds something in a view.
   * @throws what `found` throws; {AegisError} `federated-failed` where the run has failed, `cancelled` by the signal
   */
  async until<T>(found: (view: RunView) => T | undefined): Promise<T> {
    for (;;) {
      const result = found(this.#view);
      if (result !== undefined) return result;
      if (this.#view.phase === "failed")
        throw failed(`The run has failed: ${this.#view.reason ?? "no reason is given"}.`);
      await this.#next();
    }
  }

  async #next(): Promise<void> {
    const asked = Date.now();
    const next = await this.connection.view(this.#view.version);
    if (!equalBytes(next.terms.body, this.#view.terms.body)) throw refused("shows other terms of the run than before");
    const isNews = next.version !== this.#view.version;
    this.#view = next;
    const leftMs = (isNews ? leastMs.news : leastMs.none) - (Date.now() - asked);
    if (leftMs > 0) await pause(leftMs, this.connection.signal);
  }
}

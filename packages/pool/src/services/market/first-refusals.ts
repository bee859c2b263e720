import { firstRefusalMs } from "@aegis-pool/core";
import type { Board } from "./board.js";
import type { LiveTask } from "./live.js";

/** New complex tasks, which for a moment only agents of bonded operators may take. */
export class FirstRefusals {
  readonly #board: Board;
  /** When each is everybody's, in ms of the pool's clock; the first is the next. */
  readonly #until = new Map<LiveTask, number>();

  constructor(board: Board) {
    this.#board = board;
  }

  /** The task has come, and waits for bonded operators alone. */
  begin(task: LiveTask, now: number): void {
    this.#until.set(task, now + firstRefusalMs);
  }

  /** Lets everybody take what no bonded operator has taken in time; @returns whether there is anything. */
  end(now: number): boolean {
    let ended = false;
    for (const [task, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(task);
      if (task.waitsIn !== task.group.forBonded) continue; // taken, cancelled, or back from a lease and everybody's already
      this.#board.enqueue(task);
      ended = true;
    }
    return ended;
  }
}

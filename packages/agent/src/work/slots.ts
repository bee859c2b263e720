import { type Offer, protocolLimits } from "@aegis-pool/core";
import type { Engines } from "../engines/index.js";
import { hasRoomFor } from "./card-room.js";
import type { HeldTask } from "./held-tasks.js";
import { Slot } from "./slot.js";

/** As many tasks as the smallest parts of a card. */
const mostParts = 1_000 / protocolLimits.leastCardPart;

/** Where an agent's tasks run: as many slots as it lends, or on a graphics card as many tasks as have room on it. */
export class Slots {
  readonly #offer: Pick<Offer, "slots" | "memoryBytes" | "card">;
  readonly #slots: readonly Slot[];
  readonly #running = new Map<HeldTask, Slot>();

  constructor(engines: Engines, offer: Pick<Offer, "slots" | "memoryBytes" | "card">) {
    this.#offer = offer;
    this.#slots = Array.from({ length: offer.card ? mostParts : offer.slots }, () => new Slot(engines, offer));
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** What runs now, and where. */
  get running(): ReadonlyMap<HeldTask, Slot> {
    return this.#running;
  }

  /** A task of `ready` that may begin, and its slot: where the slot has a program, first its job's, else the oldest; undefined where none may. */
  next(ready: readonly HeldTask[]): readonly [HeldTask, Slot] | undefined {
    if (ready.length === 0) return undefined;
    const running = [...this.#running.keys()].flatMap(({ manifest }) => manifest?.requirements ?? []);
    const mayBegin = ({ manifest }: HeldTask) =>
      manifest !== undefined && hasRoomFor(manifest.requirements, running, this.#offer);
    for (const slot of this.#slots) {
      if (slot.busy) continue;
      const own = ready.find((task) => task.manifest && slot.suits(task.manifest) && mayBegin(task));
      const task = own ?? ready.find(mayBegin);
      return task && [task, slot];
    }
    return undefined;
  }

  /** From now on the task is in that slot. What idle programs keep of a card's memory is lent to it: they end. */
  async begin(task: HeldTask, slot: Slot): Promise<void> {
    slot.busy = true;
    this.#running.set(task, slot);
    if (this.#offer.card) await closeAll(this.#slots.filter(({ busy }) => !busy));
  }

  end(task: HeldTask): void {
    const slot = this.#running.get(task);
    if (slot) slot.busy = false;
    this.#running.delete(task);
  }

  /** Kills what is in the task's slot. */
  kill(task: HeldTask): void {
    void this.#running.get(task)?.close();
  }

  close(): Promise<void> {
    return closeAll(this.#slots);
  }
}

async function closeAll(slots: readonly Slot[]): Promise<void> {
  await Promise.all(slots.map((slot) => slot.close()));
}

import {
  cardMemoryOfPart,
  type Offer,
  protocolLimits,
  toHex,
  type TaskKeys,
  type TaskManifest,
} from "@aegis-pool/core";
import type { EngineLimits, Engines, Program, RunOutcome, Runtime } from "../engines/index.js";
import type { OpenRefusal } from "./open-task.js";

/** Bytes of a task's console output that are kept. */
const logBytes = 48 * 1024;

/** A task as a slot needs it. */
export interface RunnableTask {
  readonly manifest: TaskManifest;
  readonly keys: TaskKeys;
  readonly input: Uint8Array;
  readonly openProgram: () => Promise<Program | OpenRefusal>;
  /** Whether anybody still wants its result: asked once its sandbox is ready, which takes a while. */
  readonly wanted: () => boolean;
}

/** One place where tasks run, one after another, each job in a process of its own. */
export class Slot {
  readonly #engines: Engines;
  readonly #offer: Pick<Offer, "card">;
  #runtime: Runtime | undefined;
  #serves = "";
  #idle: NodeJS.Timeout | undefined;
  busy = false;

  constructor(engines: Engines, offer: Pick<Offer, "card">) {
    this.#engines = engines;
    this.#offer = offer;
  }

  /** Whether this slot's runtime already has the program of this task's job. */
  suits(manifest: TaskManifest): boolean {
    return this.#runtime?.usable === true && this.#serves === jobOf(manifest);
  }

  /** Runs one task. A runtime is reused only within one job; then it is killed, never used for another. */
  async run(task: RunnableTask): Promise<RunOutcome | OpenRefusal> {
    clearTimeout(this.#idle);
    if (!this.suits(task.manifest)) {
      const refusal = await this.#open(task);
      if (refusal) return refusal;
    }
    const outcome = task.wanted() ? await this.#runtime?.run(task.input) : undefined;
    if (task.manifest.requirements.deterministic) await this.close(); // what it has left behind would change the next result
    // its memory is then better used by the next job
    this.#idle = setTimeout(() => void this.close(), protocolLimits.sandboxIdleMs);
    return outcome ?? broken;
  }

  /** Kills what runs; the run ends as `sandbox-broken`. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const runtime = this.#runtime;
    this.#runtime = undefined;
    await runtime?.close();
  }

  async #open({ manifest, openProgram }: RunnableTask): Promise<OpenRefusal | undefined> {
    await this.close();
    const program = await openProgram();
    if (typeof program === "string") return program;
    const { timeLimitMs, memoryBytes, outputBytes, deterministic, fuel } = manifest.requirements;
    const card = this.#partOfCard(manifest);
    const limits = { timeMs: timeLimitMs, memoryBytes, outputBytes, logBytes, card, deterministic, fuel };
    this.#runtime = await this.#engines.open(program, limits);
    this.#serves = jobOf(manifest);
    return undefined;
  }

  #partOfCard({ requirements: { card } }: TaskManifest): EngineLimits["card"] {
    const lent = this.#offer.card;
    if (!lent || !card) return undefined;
    return { percent: card.thousandths / 10, memoryBytes: cardMemoryOfPart(lent, card.thousandths) };
  }
}

const broken: RunOutcome = {
  ok: false,
  reason: "sandbox-broken",
  message: "the runtime was closed",
  log: "",
  wallMs: 0,
};

/** Job, program, shared input and bounds: a runtime serves only tasks that are alike in all of them. */
function jobOf({ job, program, shared, requirements }: TaskManifest): string {
  const { timeLimitMs, memoryBytes, outputBytes, card, deterministic, fuel } = requirements;
  const bounds = [timeLimitMs, memoryBytes, outputBytes, card?.thousandths, deterministic, fuel];
  return [toHex(job), toHex(program), shared ? toHex(shared) : "", ...bounds].join(" ");
}

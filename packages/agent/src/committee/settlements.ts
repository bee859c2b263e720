import {
  equalBytes,
  memberTask,
  openOwnStatement,
  runStatement,
  type Signed,
  type Signer,
  signStatement,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { dutyBounds } from "./bounds.js";
import type { Asked } from "./messages.js";

/** What a member says that it ran. */
const aggregateEngine = "aggregate 1";

/** A member task's signed run. */
export interface Settlement {
  readonly run: Signed;
  readonly ranMs: number;
  /** It was signed now, and not before. */
  readonly isNew: boolean;
}

/** What this agent has worked for each member task, and the statements it is paid by: one per task, whatever is asked later. */
export class Settlements {
  readonly #agent: Signer;
  readonly #pool: Uint8Array;
  /** ms, by task number; the oldest tasks first, as in the next. */
  readonly #worked = new Map<number, number>();
  readonly #signed = new Map<number, Omit<Settlement, "isNew">>();

  constructor(agent: Signer, pool: Uint8Array) {
    this.#agent = agent;
    this.#pool = pool;
  }

  /** This agent has worked this long for a task, in ms. */
  worked(number: number, ms: number): void {
    keep(this.#worked, number, (this.#worked.get(number) ?? 0) + ms);
  }

  /** The run of a member task, or undefined where that is no task of this number and pool. */
  settle({ number, manifest, result }: Asked<"settle">): Settlement | undefined {
    const before = this.#signed.get(number);
    if (before) return { ...before, isNew: false };
    const task = openOwnStatement(memberTask, manifest, ({ job }) => job, primitives);
    if (task?.number !== number || !equalBytes(task.pool, this.#pool)) return undefined;
    const ranMs = Math.round(this.#worked.get(number) ?? 0);
    const said = {
      ...{ number, fence: 1, agent: this.#agent.publicKey, manifest: primitives.sha256(manifest.body) },
      ...({ outcome: "completed", result, resultBytes: 0, ranMs, engine: aggregateEngine } as const),
    };
    const settlement = { run: signStatement(runStatement, said, this.#agent), ranMs };
    keep(this.#signed, number, settlement);
    return { ...settlement, isNew: true };
  }
}

/** As the newest; the oldest goes where there are too many. */
function keep<T>(map: Map<number, T>, number: number, value: T): void {
  map.delete(number);
  map.set(number, value);
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size > dutyBounds.tasks) map.delete(oldest);
}

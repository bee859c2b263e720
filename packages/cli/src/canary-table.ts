import { formatScu } from "@aegis-pool/core";
import type { Pool, TaskResult } from "@aegis-pool/sdk";
import { table } from "./terminal/table.js";

/** What one agent made of the canaries. */
export interface CanaryRow {
  /** Its key in hexadecimal. */
  readonly agent: string;
  readonly tasks: number;
  readonly failed: number;
  /** Median time of a task by kind, in ms, as the agent says. */
  readonly ms: Readonly<Record<string, number>>;
  /** What a slot counts for, in µSCU, and why. */
  readonly slotSpeed: number;
  readonly reason: string;
}

interface Seen {
  readonly ms: Map<string, number[]>;
  tasks: number;
  failed: number;
}

/** Adds up how long each agent took for each kind of canary. */
export class CanaryTable {
  readonly #agents = new Map<string, Seen>();

  take(kind: string, { agent, ok, ranMs }: TaskResult<unknown>): void {
    if (agent === undefined) return;
    const seen = this.#agents.get(agent) ?? { ms: new Map(), tasks: 0, failed: 0 };
    this.#agents.set(agent, seen);
    seen.tasks++;
    if (!ok) seen.failed++;
    else seen.ms.set(kind, [...(seen.ms.get(kind) ?? []), ranMs]);
  }

  /** A row for each agent, with what the pool counts it for now. */
  rows(pool: Pool): Promise<CanaryRow[]> {
    return Promise.all(
      Array.from(this.#agents, async ([agent, { ms, tasks, failed }]) => {
        const [rating] = await pool.ratingsOf(agent);
        const { slotSpeed = 0, reason = "unproven" } = rating ?? {};
        const medians = Object.fromEntries(Array.from(ms, ([kind, times]) => [kind, median(times)]));
        return { agent, tasks, failed, ms: medians, slotSpeed, reason };
      }),
    );
  }

  text(rows: readonly CanaryRow[]): string {
    const kinds = [...new Set(rows.flatMap(({ ms }) => Object.keys(ms)))];
    const right = "right" as const;
    const columns = [
      { title: "agent" },
      { title: "tasks", align: right },
      { title: "failed", align: right },
      ...kinds.map((kind) => ({ title: `${kind} ms`, align: right })),
      { title: "counts for" },
    ];
    const cells = rows.map(({ agent, tasks, failed, ms, slotSpeed, reason }) => [
      agent.slice(0, 16),
      String(tasks),
      String(failed),
      ...kinds.map((kind) => (ms[kind] === undefined ? "" : String(Math.round(ms[kind])))),
      `${formatScu(slotSpeed)} a slot (${reason})`,
    ]);
    return table(columns, cells);
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

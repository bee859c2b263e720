import { formatAis, formatScu } from "@aegis-pool/core";
import { type TaskResult, verifyReceipt } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

/** One of the demo's agents, as the table shows it. */
export interface DemoAgent {
  readonly name: string;
  readonly share: string;
  /** Its key in hexadecimal. */
  readonly key: string;
  killed: boolean;
}

interface Tally {
  tasks: number;
  workMicroScuSeconds: number;
  reward: bigint;
}

/** Adds up what each agent did, from receipts that were verified one by one. */
export class AgentsTable {
  readonly #pool: Uint8Array;
  readonly #tallies = new Map<string, Tally>();

  constructor(pool: Uint8Array) {
    this.#pool = pool;
  }

  take(result: TaskResult<unknown>): void {
    if (!result.receipt || result.agent === undefined) return;
    const { receipt } = verifyReceipt(result.receipt, this.#pool);
    const tally = this.#tallies.get(result.agent) ?? { tasks: 0, workMicroScuSeconds: 0, reward: 0n };
    tally.tasks++;
    tally.workMicroScuSeconds += receipt.work;
    tally.reward += BigInt(receipt.reward);
    this.#tallies.set(result.agent, tally);
  }

  /** @param proven µSCU by agent */
  text(agents: readonly DemoAgent[], proven: ReadonlyMap<string, number>): string {
    const rows = agents.map(({ name, share, key, killed }) => {
      const { tasks = 0, workMicroScuSeconds = 0, reward = 0n } = this.#tallies.get(key) ?? {};
      const work = formatScu(workMicroScuSeconds).replace(" SCU", "");
      return [
        killed ? `${name} (killed)` : name,
        share,
        formatScu(proven.get(key) ?? 0),
        String(tasks),
        work,
        formatAis(reward),
      ];
    });
    const right = "right" as const;
    return table(
      [
        { title: "agent" },
        { title: "share" },
        { title: "speed*" },
        { title: "tasks", align: right },
        { title: "SCU-seconds", align: right },
        { title: "reward", align: right },
      ],
      rows,
    );
  }
}

import type { Pool, TaskMatch, TaskResult } from "@aegis-pool/sdk";
import type { JobKind } from "./kinds.js";

/** One run: what was expected before, and what it took. */
export interface PredictedRun {
  readonly kind: string;
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  /** What the pool told the requester at the match, in ms; undefined where nothing of the kind had run. */
  readonly expectedMs: number | undefined;
  /** From the release of the keys until the result was there, opened, by the requester's clock. */
  readonly actualMs: number;
  /** How often its agent had been visited with its kind before. */
  readonly visit: number;
  /** 0 is the first of its visit, in a fresh sandbox. */
  readonly place: number;
}

/** A job of one kind, whose tasks are run one after another. */
export interface PredictedJob {
  readonly kind: JobKind;
  run(): Promise<Omit<PredictedRun, "visit" | "place">>;
  close(): void;
}

/** Opens a job of this kind, which any agent may work for. */
export async function openPredictedJob(pool: Pool, kind: JobKind): Promise<PredictedJob> {
  const matches: { readonly match: TaskMatch; readonly at: number }[] = [];
  const job = await pool.open(kind.program, {
    memory: "256MiB",
    onMatched: (match) => matches.push({ match, at: performance.now() }),
  });
  const results = job[Symbol.asyncIterator]();
  return {
    kind,
    async run() {
      job.add([kind.input]);
      const next = await results.next();
      const endedAt = performance.now();
      const last = matches.pop();
      if (next.done || !last) throw new Error(`a task of ${kind.name} ended without a match`);
      requireGood(next.value, last.match);
      const { agent, expectedMs } = last.match;
      return { kind: kind.name, agent, expectedMs, actualMs: endedAt - last.at };
    },
    close: () => job.close(),
  };
}

function requireGood(result: TaskResult<unknown>, { number, agent }: TaskMatch): void {
  if (!result.ok) throw result.error;
  if (result.number !== number || result.agent !== agent)
    throw new Error("a result is of another run than was matched");
}

import type { Loading, Preparation } from "../messages.js";

/** How one engine runs: made once per process, loaded once per job, run once per task. */
export interface Adapter {
  /** @throws `Failure` with `program-invalid` where the program cannot be run at all */
  load(loading: Loading): Promise<void>;
  /** From a tagged value to a tagged value. What it throws becomes the run's failure. */
  run(input: Uint8Array): Promise<Uint8Array>;
}

/** What an adapter tells of a run besides its output. */
export interface Report {
  log(bytes: Uint8Array): void;
  /** How much fuel a metered run used, once, before it ends. */
  fuel(used: number): void;
}

/** Makes an engine's adapter from what the host handed over. */
export type MakeAdapter = (preparation: Preparation, report: Report) => Promise<Adapter>;

import type { GpuLent, Loading } from "../messages.js";

/** How one engine runs: made once per process, loaded once per job, run once per task. */
export interface Adapter {
  /** @throws `Failure` with `program-invalid` where the program cannot be run at all */
  load(loading: Loading): Promise<void>;
  /** From a tagged value to a tagged value. What it throws becomes the run's failure. */
  run(input: Uint8Array): Promise<Uint8Array>;
}

/** Makes an engine's adapter from the files that the host handed over; of the graphics card it may use what is lent. */
export type MakeAdapter = (
  assets: readonly Uint8Array[],
  writeLog: (bytes: Uint8Array) => void,
  gpu?: GpuLent,
) => Promise<Adapter>;

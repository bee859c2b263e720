/** How one engine runs: made once per process, loaded once per job, run once per task. */
export interface Adapter {
  /** @throws `Failure` with `program-invalid` where the program cannot be run at all */
  load(program: Uint8Array, shared: Uint8Array | undefined, memoryBytes: number): Promise<void>;
  /** From a tagged value to a tagged value. What it throws becomes the run's failure. */
  run(input: Uint8Array): Promise<Uint8Array>;
}

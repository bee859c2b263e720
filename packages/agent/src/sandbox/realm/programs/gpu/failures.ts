/** What can go wrong on a device, by the names that the host knows. */
export type GpuFailureName = "no-adapter" | "device-lost" | "out-of-memory" | "kernel-invalid";

/** A failure of the device or of what was asked of it; its name stands before its words. */
export class GpuFailure extends Error {
  constructor(name: GpuFailureName, words: string) {
    super(`${name}: ${words}`);
  }
}

/**
 * The standard compute unit. 1 SCU of the `cpu` class is a virtual device with 8 TFLOP/s of FP32 matrix product and
 * 100 GB/s of memory traffic; a device's SCU is the geometric mean of its ratios. Stored as whole µSCU.
 */
export const standardDevice = { fp32FlopsPerSecond: 8e12, memoryBytesPerSecond: 100e9 } as const;

/** A machine's measured speeds. */
export interface CpuSpeeds {
  readonly fp32FlopsPerSecond: number;
  readonly memoryBytesPerSecond: number;
}

/** The rating of a device of the `cpu` class, in µSCU (at least 1). */
export function cpuRating(speeds: CpuSpeeds): number {
  const compute = speeds.fp32FlopsPerSecond / standardDevice.fp32FlopsPerSecond;
  const memory = speeds.memoryBytesPerSecond / standardDevice.memoryBytesPerSecond;
  return Math.max(1, Math.round(Math.sqrt(compute * memory) * 1e6));
}

/** µSCU-seconds that `speed` µSCU do in `ms`: whole, rounded up. */
export function workOf(speed: number, ms: number): number {
  return Math.ceil((speed * ms) / 1_000);
}

/** "0.035 SCU" for 35,000 µSCU: three significant digits. */
export function formatScu(microScu: number): string {
  return `${Number((microScu / 1e6).toPrecision(3))} SCU`;
}

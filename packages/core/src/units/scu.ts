/**
 * The standard compute unit. 1 SCU is a virtual device with 8 TFLOP/s of FP32-class matrix product, 16 TFLOP/s of FP16
 * matrix product with FP32 accumulation and 100 GB/s of memory traffic; a device's SCU is the geometric mean of its
 * ratios to these. Stored as whole µSCU.
 */
export const standardDevice = {
  fp32FlopsPerSecond: 8e12,
  fp16FlopsPerSecond: 16e12,
  memoryBytesPerSecond: 100e9,
} as const;

/** There is one SCU per class of engine: `cpu` counts FP32 and memory, the others FP16 as well. */
export type RatingClass = "cpu" | "webgpu" | "cuda";

/** A machine's measured speeds. */
export interface CpuSpeeds {
  /** FP32 matrix product; TF32 where the engine may use it. */
  readonly fp32FlopsPerSecond: number;
  readonly memoryBytesPerSecond: number;
}

/** The speeds of a device of any class. */
export interface DeviceSpeeds extends CpuSpeeds {
  /** FP16 matrix product with FP32 accumulation, without sparsity; where it is absent, such work runs at the FP32 rate. */
  readonly fp16FlopsPerSecond?: number | undefined;
}

/** The rating of a device of the `cpu` class, in µSCU (at least 1). */
export function cpuRating(speeds: CpuSpeeds): number {
  return ratingOf("cpu", speeds);
}

/** The rating of a device within a class, in µSCU (at least 1). */
export function ratingOf(ratingClass: RatingClass, speeds: DeviceSpeeds): number {
  const compute = speeds.fp32FlopsPerSecond / standardDevice.fp32FlopsPerSecond;
  const memory = speeds.memoryBytesPerSecond / standardDevice.memoryBytesPerSecond;
  if (ratingClass === "cpu") return toMicroScu(Math.sqrt(compute * memory));
  const half = (speeds.fp16FlopsPerSecond ?? speeds.fp32FlopsPerSecond) / standardDevice.fp16FlopsPerSecond;
  return toMicroScu(Math.cbrt(compute * half * memory));
}

function toMicroScu(ratio: number): number {
  return Math.max(1, Math.round(ratio * 1e6));
}

/** µSCU-seconds that `speed` µSCU do in `ms`: whole, rounded up. */
export function workOf(speed: number, ms: number): number {
  return Math.ceil((speed * ms) / 1_000);
}

/** "0.035 SCU" for 35,000 µSCU: three significant digits. */
export function formatScu(microScu: number): string {
  return `${Number((microScu / 1e6).toPrecision(3))} SCU`;
}

import type { RatingClass } from "../scu.js";

/** Where a device is found. */
export type DeviceKind = "laptop" | "desktop" | "workstation" | "data centre" | "processor";

/** A device's speeds. */
export interface DeviceFigures {
  /** FP32-class matrix product in TFLOP/s: TF32 without sparsity where the device has it. */
  readonly fp32Tflops: number;
  /** FP16 matrix product with FP32 accumulation in TFLOP/s, without sparsity; undefined where the device has none of its own. */
  readonly fp16Tflops: number | undefined;
  /** Memory traffic in GB/s, of 10^9 bytes. */
  readonly memoryGBps: number;
}

/** Where figures come from. */
export interface FigureSource {
  /** The publisher's name of what it published, and when. */
  readonly title: string;
  readonly year: number;
  readonly url?: string;
  /** How figures follow from what is published, where it does not state them. */
  readonly derivation?: string;
}

/** What one of these devices did in a run of ours, in place of its data sheet. */
export interface DeviceMeasurement {
  /** The day, as in "2026-11-22". */
  readonly date: string;
  /** The page that tells how, from the repository's root: "docs/measurements/...". */
  readonly page: string;
  readonly figures: DeviceFigures;
}

/** A device of the table. */
export interface KnownDevice {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly ratingClass: RatingClass;
  /** By data sheet. */
  readonly figures: DeviceFigures;
  /** As the vendor counts; undefined for processors, whose memory is the machine's. */
  readonly memoryGiB: number | undefined;
  readonly source: FigureSource;
}

/** Name, FP32-class TFLOP/s, FP16 TFLOP/s, memory GB/s, memory GiB. */
export type StatedRow = readonly [name: string, fp32: number, fp16: number | undefined, gbps: number, gib: number];

/** Devices whose figures `source` states, or which follow from it as its `derivation` says. */
export function stated(kind: DeviceKind, source: FigureSource, rows: readonly StatedRow[]): KnownDevice[] {
  return rows.map(([name, fp32Tflops, fp16Tflops, memoryGBps, memoryGiB]) => ({
    name,
    kind,
    ratingClass: "cuda",
    figures: { fp32Tflops, fp16Tflops, memoryGBps },
    memoryGiB,
    source,
  }));
}

/** `perSecond` operations in TFLOP/s, to a thousandth. */
export const toTflops = (perSecond: number): number => Math.round(perSecond / 1e9) / 1e3;

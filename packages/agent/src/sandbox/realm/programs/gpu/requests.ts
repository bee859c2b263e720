/** What the host asks of the program that measures a graphics card. No platform types: the host compiles this file too. */

/** WGSL with one entry point `main`, as core's `GpuKernel`: bound are the dispatch, what it reads, what it writes. */
export interface Kernel {
  readonly source: string;
  readonly reads: number;
}

/** Two halves of what a matrix is made from. */
export type Key = readonly [number, number];

/** Asks what the device is: answered by a {@link GpuDevice}. */
export interface DeviceRequest {
  readonly kind: "device";
}

/** A graphics card as its driver describes it. */
export interface GpuDevice {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallback: boolean;
  /** Whether kernels may use FP16. */
  readonly hasHalf: boolean;
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
  };
}

/** Part of a challenge, as core's `SpeedChallenge` defines it: one block of rows, answered by its residues. */
export interface GpuProductRequest {
  readonly kind: "product";
  readonly kernels: { readonly fill: Kernel; readonly multiply: Kernel; readonly residues: Kernel };
  /** Bytes of an entry as it is stored. */
  readonly entryBytes: number;
  /** Entries for one workgroup: of the product, and of a matrix that is walked along. */
  readonly entriesPerGroup: { readonly tile: number; readonly walk: number };
  readonly size: number;
  readonly block: number;
  readonly steps: number;
  readonly keys: { readonly left: Key; readonly right: Key; readonly factors: Key };
  /** Part of the time for which the device may be busy. */
  readonly dutyPercent: number;
}

/** Traffic between the device and its memory: three arrays of `bytes` each are walked `rounds` times. */
export interface GpuTrafficRequest {
  readonly kind: "read" | "write" | "triad";
  readonly kernel: Kernel;
  readonly bytesPerGroup: number;
  readonly bytes: number;
  readonly rounds: number;
  readonly dutyPercent: number;
}

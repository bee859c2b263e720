import { GpuFailure } from "./failures.js";
import type { Kernel } from "./requests.js";

/** A kernel, compiled. */
export interface Compiled {
  readonly source: string;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Values of GPUBufferUsage, GPUMapMode and GPUShaderStage that are used here; the types have none. */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 0x40, storage: 0x80 } as const;
const mapModeRead = 1;
const computeStage = 4;
/** How long after a failure a device may still say that it was lost, in ms. */
const lossMs = 100;
/** Bytes of the dispatch's parameters that a kernel sees. */
const dispatchBytes = 32;

/** Asked for as large as the adapter has them; the rest stays at the defaults that every device has. */
const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
] as const;

/** Used where the adapter has them. */
const wantedFeatures: readonly GPUFeatureName[] = ["shader-f16", "timestamp-query"];

/** One device: its buffers, its compiled kernels, and the first thing that went wrong on it. */
export class Gpu {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
  readonly #compiled = new Map<string, Compiled>();
  /** Rejects when the device is lost; never resolves. */
  readonly #lost: Promise<never>;

  private constructor(adapter: GPUAdapter, device: GPUDevice) {
    this.adapter = adapter;
    this.device = device;
    this.#lost = device.lost.then(({ reason, message }) => {
      throw new GpuFailure("device-lost", message || reason);
    });
    this.#lost.catch(() => {}); // whoever waits for something races it against this
  }

  /** @throws {GpuFailure} `no-adapter` */
  static async open(): Promise<Gpu> {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) throw new GpuFailure("no-adapter", "no driver offers a graphics adapter");
    const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
    const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
    return new Gpu(adapter, await adapter.requestDevice({ requiredFeatures, requiredLimits }));
  }

  /** What `promise` comes to, unless the device is lost before. @throws {GpuFailure} `device-lost` */
  async unlessLost<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.#lost]);
    } catch (error) {
      // what fails because the device is lost may fail before the device says so
      await Promise.race([this.#lost, new Promise((late) => setTimeout(late, lossMs))]);
      throw error;
    }
  }

  /** Buffers of so many bytes, or none of them. @throws {GpuFailure} `out-of-memory` */
  async allocate(sizes: readonly number[], flags: number): Promise<GPUBuffer[]> {
    const most = this.device.limits.maxBufferSize;
    if (sizes.some((size) => size > most)) throw new GpuFailure("out-of-memory", `a buffer has at most ${most} bytes`);
    this.device.pushErrorScope("out-of-memory");
    const buffers = sizes.map((size) => this.device.createBuffer({ size, usage: flags }));
    const error = await this.unlessLost(this.device.popErrorScope());
    if (!error) return buffers;
    for (const buffer of buffers) buffer.destroy();
    throw new GpuFailure("out-of-memory", error.message);
  }

  /** Compiles once for each source. @throws {GpuFailure} `kernel-invalid` */
  async compile({ source, reads }: Kernel): Promise<Compiled> {
    const known = this.#compiled.get(source);
    if (known) return known;
    this.device.pushErrorScope("validation");
    const compiled = await this.unlessLost(this.#compile(source, reads)).catch(async (error: unknown) => {
      await this.unlessLost(this.device.popErrorScope());
      throw error instanceof GpuFailure ? error : new GpuFailure("kernel-invalid", String(error));
    });
    const error = await this.unlessLost(this.device.popErrorScope());
    if (error) throw new GpuFailure("kernel-invalid", error.message);
    this.#compiled.set(source, compiled);
    return compiled;
  }

  /** Binds the dispatch's parameters, then these. */
  bind({ layout }: Compiled, dispatches: GPUBuffer, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const first = { binding: 0, resource: { buffer: dispatches, size: dispatchBytes } };
    const rest = buffers.map((buffer, at) => ({ binding: at + 1, resource: { buffer } }));
    return this.device.createBindGroup({ layout, entries: [first, ...rest] });
  }

  /** A copy of what is in `buffer`. */
  async read(buffer: GPUBuffer): Promise<Uint8Array> {
    const [staging] = await this.allocate([buffer.size], usage.mapRead | usage.copyTarget);
    if (!staging) return new Uint8Array();
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    this.device.queue.submit([encoder.finish()]);
    await this.unlessLost(staging.mapAsync(mapModeRead));
    const bytes = new Uint8Array(staging.getMappedRange()).slice();
    staging.destroy();
    return bytes;
  }

  async #compile(source: string, reads: number): Promise<Compiled> {
    const types = ["uniform", ...Array<GPUBufferBindingType>(reads).fill("read-only-storage"), "storage"] as const;
    const layout = this.device.createBindGroupLayout({
      entries: types.map((type, binding) => ({
        binding,
        visibility: computeStage,
        buffer: { type, hasDynamicOffset: type === "uniform" },
      })),
    });
    const module = this.device.createShaderModule({ code: source });
    const pipeline = await this.device.createComputePipelineAsync({
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    return { source, pipeline, layout };
  }
}

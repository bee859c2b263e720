import { type Gpu, usage } from "./gpu.js";

const queryResolve = 0x200;
const mapModeRead = 1;
/** Two times of 64 bits, in ns. */
const timesBytes = 16;

/**
 * Measures how long one submit keeps the device busy, by the device's own clock where it tells it. Deno looks every 10 ms
 * whether a device is done: what is heard by then is that it was done at some time before.
 */
export class Stopwatch {
  readonly #gpu: Gpu;
  readonly #queries: GPUQuerySet;
  readonly #times: GPUBuffer;
  readonly #readable: GPUBuffer;

  private constructor(gpu: Gpu, times: GPUBuffer, readable: GPUBuffer) {
    this.#gpu = gpu;
    this.#queries = gpu.device.createQuerySet({ type: "timestamp", count: 2 });
    this.#times = times;
    this.#readable = readable;
  }

  /** Undefined where the device does not tell the time. */
  static async open(gpu: Gpu): Promise<Stopwatch | undefined> {
    if (!gpu.device.features.has("timestamp-query")) return undefined;
    const [times] = await gpu.allocate([timesBytes], queryResolve | usage.copySource);
    const [readable] = await gpu.allocate([timesBytes], usage.mapRead | usage.copyTarget);
    return new Stopwatch(gpu, times as GPUBuffer, readable as GPUBuffer);
  }

  /** What a pass needs to be measured. */
  get passParts(): Pick<GPUComputePassDescriptor, "timestampWrites"> {
    return {
      timestampWrites: { querySet: this.#queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    };
  }

  /** Goes into the encoder after the pass. */
  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#times, 0);
    encoder.copyBufferToBuffer(this.#times, 0, this.#readable, 0, timesBytes);
  }

  /** Waits for what was submitted. @returns how long it took, in ms */
  async read(): Promise<number> {
    await this.#gpu.unlessLost(this.#readable.mapAsync(mapModeRead));
    const [begin = 0n, end = 0n] = new BigUint64Array(this.#readable.getMappedRange());
    this.#readable.unmap();
    return Number(end - begin) / 1e6;
  }
}

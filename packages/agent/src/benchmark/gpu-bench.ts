import { readFile } from "node:fs/promises";
import {
  challengeFlops,
  challengeKeys,
  decodeValue,
  encodeValue,
  entriesPerGroup,
  entryBytes,
  fillKernel,
  fits,
  type Precision,
  type JsonValue,
  productKernel,
  residuesKernel,
  RowCommitment,
  type SpeedChallenge,
  type TaskValue,
  type TileShape,
  tileShapes,
  trafficBytesPerGroup,
  trafficKernels,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Engines, Runtime } from "../engines/index.js";
import { gpuProgramFile } from "../sandbox/realm-files.js";
import type {
  DeviceRequest,
  GpuDevice,
  GpuProductRequest,
  GpuTrafficRequest,
} from "../sandbox/realm/programs/gpu/requests.js";
import type { GpuTuning } from "./gpu-tuning.js";
import { GpuFailed } from "./gpu-failure.js";
import { type Measured, type MeasuredProduct, rowsOf, type TrafficKind } from "./measured.js";

/** How a graphics card is measured. */
export interface GpuBenchOptions {
  /** What the card's sandbox may take of the machine's memory. */
  readonly memoryBytes: number;
  /** Part of the time for which the card may be busy; 100 by default. */
  readonly dutyPercent?: number;
  /** Longest time of one measurement, in ms; ten minutes by default: the pool's own bound is shorter. */
  readonly timeMs?: number;
}

const mebibyte = 1024 ** 2;
/** Each of the three arrays: beyond the caches of large cards. */
const mostArrayBytes = 256 * mebibyte;
/** What every device can do. */
const [firstTile, smallestSize] = [tileShapes[0] as TileShape, 256];
const defaultTimeMs = 10 * 60_000;

/**
 * A graphics card with the reference kernels, in a sandbox process like anybody's task. Keep it for as long as it is
 * needed: to open a device and to compile kernels takes a good part of a second.
 */
export class GpuBench {
  readonly device: GpuDevice;
  readonly #runtime: Runtime;
  readonly #dutyPercent: number;
  readonly #arrayBytes: number;
  readonly #memoryBytes: number;
  #tuning: GpuTuning = { size: smallestSize, tiles: { fp32: firstTile, fp16: firstTile } };

  private constructor(runtime: Runtime, device: GpuDevice, { memoryBytes, dutyPercent = 100 }: GpuBenchOptions) {
    this.#runtime = runtime;
    this.device = device;
    this.#dutyPercent = dutyPercent;
    const room = Math.min(device.limits.maxStorageBufferBindingSize, memoryBytes / 8);
    this.#arrayBytes = Math.min(mostArrayBytes, Math.max(1, Math.floor(room / mebibyte)) * mebibyte);
    this.#memoryBytes = memoryBytes;
  }

  /** @throws {AegisError} `engine-missing`, `sandbox-failed` or `gpu-failed` */
  static async open(engines: Engines, options: GpuBenchOptions): Promise<GpuBench> {
    const { memoryBytes, timeMs = defaultTimeMs } = options;
    const program = { engine: "webgpu", bytes: await readFile(gpuProgramFile) } as const;
    const runtime = await engines.open(program, { timeMs, memoryBytes, outputBytes: memoryBytes, logBytes: 1_024 });
    try {
      const device = (await runOn(runtime, { kind: "device" })) as unknown as GpuDevice;
      return new GpuBench(runtime, device, options);
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  /** What the card multiplies: FP16 only where it has it. */
  get precisions(): readonly Precision[] {
    return this.device.hasHalf ? ["fp32", "fp16"] : ["fp32"];
  }

  /** Of those shapes, the ones that the card can run. */
  tilesFor(precision: Precision, shapes: readonly TileShape[] = tileShapes): TileShape[] {
    return shapes.filter((shape) => fits(shape, precision, this.device.limits));
  }

  /** Columns of matrices that keep the card busy, as far as is known. */
  get size(): number {
    return this.#tuning.size;
  }

  /** Columns of the largest matrices that there is room for: three of them, and two copies of the residues. */
  get largestSize(): number {
    const entries = Math.min(this.device.limits.maxStorageBufferBindingSize / 4, this.#memoryBytes / 20);
    return 2 ** Math.floor(Math.log2(Math.sqrt(entries)));
  }

  /** Multiplies like this from now on. */
  useTuning(tuning: GpuTuning): void {
    this.#tuning = tuning;
  }

  /** Computes a challenge, block after block, and commits to its rows. @throws {GpuFailed} */
  async product(challenge: SpeedChallenge, precision: Precision = "fp32"): Promise<MeasuredProduct> {
    const begin = performance.now();
    const rows: Uint8Array[] = [];
    for (let block = 0; block < challenge.blocks; block++) {
      const residues = await runOn(this.#runtime, this.#productRequest(challenge, precision, block));
      rows.push(...rowsOf(residues as Uint8Array, challenge.size));
    }
    const commitment = new RowCommitment(rows, primitives);
    return { amount: challengeFlops(challenge), ms: performance.now() - begin, commitment };
  }

  /** Walks through the card's memory. @throws {GpuFailed} */
  async traffic(kind: TrafficKind, rounds: number): Promise<Measured> {
    const [kernel, bytes, dutyPercent] = [trafficKernels[kind], this.#arrayBytes, this.#dutyPercent];
    const begin = performance.now();
    const request = { kind, kernel, bytesPerGroup: trafficBytesPerGroup, bytes, rounds, dutyPercent };
    const amount = (await runOn(this.#runtime, request)) as number;
    return { amount, ms: performance.now() - begin };
  }

  async close(): Promise<void> {
    await this.#runtime.close();
  }

  #productRequest(challenge: SpeedChallenge, precision: Precision, block: number): GpuProductRequest {
    const { size, steps } = challenge;
    const tile = this.#tuning.tiles[precision];
    return {
      kind: "product",
      kernels: {
        fill: fillKernel(precision),
        multiply: productKernel(tile, precision),
        residues: residuesKernel(precision),
      },
      entryBytes: entryBytes(precision),
      entriesPerGroup: { tile: tile.rows * tile.columns, walk: entriesPerGroup },
      ...{ size, block, steps, keys: challengeKeys(challenge, primitives), dutyPercent: this.#dutyPercent },
    };
  }
}

async function runOn(
  runtime: Runtime,
  request: DeviceRequest | GpuProductRequest | GpuTrafficRequest,
): Promise<TaskValue> {
  const outcome = await runtime.run(encodeValue(request as unknown as JsonValue, primitives.text));
  if (outcome.ok) return decodeValue(outcome.output, primitives.text);
  throw new GpuFailed(outcome);
}

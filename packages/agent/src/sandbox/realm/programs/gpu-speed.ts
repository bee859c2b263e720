/**
 * The program that measures a graphics card, run by the `webgpu` engine inside the sandbox, and in browsers as it is.
 * Its kernels are core's, sent with each request. Bundled by itself; see sandbox/bundle.ts.
 */
import { GpuFailure } from "./gpu/failures.js";
import { type Compiled, Gpu, usage } from "./gpu/gpu.js";
import type { DeviceRequest, GpuDevice, GpuProductRequest, GpuTrafficRequest } from "./gpu/requests.js";
import { type Dispatch, plainDispatch, type Stage, Submitter } from "./gpu/submitter.js";

const { storage, copySource } = usage;
let opened: Promise<{ gpu: Gpu; submitter: Submitter }> | undefined;
/** Kept from one walk to the next: memory that was never touched is filled with zeros first. */
let arrays: GPUBuffer[] = [];

/** The device, the residues of a product's rows, or the number of bytes that went between device and memory. */
export default async function run(
  request: DeviceRequest | GpuProductRequest | GpuTrafficRequest,
): Promise<GpuDevice | Uint8Array | number> {
  opened ??= open();
  const { gpu, submitter } = await opened;
  if (request.kind === "device") return describe(gpu);
  return request.kind === "product" ? product(gpu, submitter, request) : traffic(gpu, submitter, request);
}

async function open(): Promise<{ gpu: Gpu; submitter: Submitter }> {
  const gpu = await Gpu.open();
  return { gpu, submitter: await Submitter.open(gpu) };
}

function describe({ adapter, device }: Gpu): GpuDevice {
  const { vendor, architecture, device: model, description } = adapter.info;
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = device.limits;
  const workgroup = { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup };
  return {
    ...{ vendor, architecture, device: model, description },
    isFallback: adapter.info.isFallbackAdapter,
    hasHalf: device.features.has("shader-f16"),
    limits: { maxBufferSize, maxStorageBufferBindingSize, ...workgroup },
  };
}

async function product(gpu: Gpu, submitter: Submitter, request: GpuProductRequest): Promise<Uint8Array> {
  const entries = request.size * request.size;
  const bytes = entries * request.entryBytes;
  const most = gpu.device.limits.maxStorageBufferBindingSize;
  if (bytes > most) throw new GpuFailure("out-of-memory", `${bytes} bytes of a matrix, the device binds ${most}`);
  const kernels = {
    fill: await gpu.compile(request.kernels.fill),
    multiply: await gpu.compile(request.kernels.multiply),
    residues: await gpu.compile(request.kernels.residues),
  };
  const buffers = await gpu.allocate([bytes, bytes, bytes, entries * 2], storage | copySource);
  try {
    await submitter.run(stagesOf({ ...request, kernels, buffers }), request.dutyPercent);
    return await gpu.read(buffers[3] as GPUBuffer);
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

type Product = Omit<GpuProductRequest, "kernels"> & {
  readonly kernels: Readonly<Record<"fill" | "multiply" | "residues", Compiled>>;
  /** B, X, the next X, and residues. */
  readonly buffers: readonly GPUBuffer[];
};

/** Fills both matrices, multiplies, and writes the residues of the last product. */
function stagesOf(request: Product): Stage[] {
  const { kernels, size, steps, keys } = request;
  const [right, even, odd, packed] = request.buffers as [GPUBuffer, GPUBuffer, GPUBuffer, GPUBuffer];
  const entries = size * size;
  const plain = { ...plainDispatch, size, number: 0, factorKey: keys.factors };
  const walk = { groups: entries / request.entriesPerGroup.walk, rounds: 1 };
  const fill = (to: GPUBuffer, dispatch: Partial<Dispatch>): Stage => {
    const filled = { ...plain, ...dispatch };
    return { ...walk, compiled: kernels.fill, buffers: [[to]], dispatchOf: () => filled };
  };
  const multiply = {
    compiled: kernels.multiply,
    groups: entries / request.entriesPerGroup.tile,
    rounds: steps,
    buffers: [
      [even, right, odd],
      [odd, right, even],
    ],
    // a step leaves its columns scaled for the one after; the last has none
    dispatchOf: (step: number) => ({ ...plain, ...(step + 1 < steps ? { factors: (step + 1) * size } : {}) }),
  };
  const last = steps % 2 === 0 ? even : odd;
  return [
    fill(right, { key: keys.right }),
    fill(even, { key: keys.left, number: request.block * entries, factors: 0 }),
    multiply,
    { ...walk, compiled: kernels.residues, buffers: [[last, packed]], dispatchOf: () => plain },
  ];
}

async function traffic(gpu: Gpu, submitter: Submitter, request: GpuTrafficRequest): Promise<number> {
  const { kind, bytes, rounds, dutyPercent } = request;
  const compiled = await gpu.compile(request.kernel);
  if (arrays[0]?.size !== bytes) {
    for (const array of arrays) array.destroy();
    arrays = [];
    arrays = await gpu.allocate([bytes, bytes, bytes], storage);
  }
  const [a, b, to] = arrays as [GPUBuffer, GPUBuffer, GPUBuffer];
  const turns = {
    read: [
      [a, to],
      [b, to],
      [to, a],
    ],
    write: [[a], [b], [to]],
    triad: [[a, b, to]],
  };
  const buffers = turns[kind];
  const walks = { groups: bytes / request.bytesPerGroup, rounds: rounds * buffers.length, buffers };
  await submitter.run([{ ...walks, compiled, dispatchOf: numbered }], dutyPercent);
  return rounds * 3 * bytes;
}

function numbered(number: number): Dispatch {
  return { ...plainDispatch, number };
}

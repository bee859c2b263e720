// oxlint-disable typescript/unbound-method -- to put methods in place of others is what this file is for
/**
 * Holds a program to its part of the graphics card. A card does not say for whom it works, and what it has begun cannot
 * be stopped: so programs get it through functions that we put in place of the driver's before any foreign code runs.
 */
import { Failure } from "./failures.js";
import type { GpuLent } from "./messages.js";

/** Submits that may be under way at the same time: whoever sends more is to wait for them. */
const mostFlights = 64;

// Taken before any program could put others in their place, and while they are still there.
const now = performance.now.bind(performance);
const { apply } = Reflect;
const { wait } = Atomics;
const cell = new Int32Array(new SharedArrayBuffer(4));

export function holdToShare({ percent, memoryBytes }: GpuLent): void {
  fixPromises();
  if (percent < 100) paceSubmits(percent);
  countMemory(memoryBytes);
}

/** What awaits the end of a submit must hear of it from the card, whatever a program does to promises. */
function fixPromises(): void {
  const fixed = { writable: false, configurable: false };
  // oxlint-disable-next-line eslint/no-extend-native -- nothing is added, what is there is fixed
  for (const name of ["then", "constructor"]) void Object.defineProperty(Promise.prototype, name, fixed);
}

/** However long what it sends keeps the card busy: the next submit waits until that is no more than its part of the time. */
function paceSubmits(percent: number): void {
  const { submit, onSubmittedWorkDone } = GPUQueue.prototype;
  let flights = 0;
  let lastDone = 0;
  let freeAt = 0;
  const land = async (queue: GPUQueue, begin: number): Promise<void> => {
    await apply(onSubmittedWorkDone, queue, []);
    const end = now();
    const busyMs = end - Math.max(begin, lastDone);
    flights--;
    lastDone = end;
    freeAt = Math.max(freeAt, end) + busyMs * (100 / percent - 1);
  };
  GPUQueue.prototype.submit = function paced(commands: Iterable<GPUCommandBuffer>): undefined {
    if (flights >= mostFlights) {
      throw new Failure("threw", `${mostFlights} submits are under way: await queue.onSubmittedWorkDone()`);
    }
    const restMs = freeAt - now();
    if (restMs > 0) wait(cell, 0, 0, restMs);
    const begin = now();
    apply(submit, this, [commands]);
    flights++;
    void land(this, begin);
  };
}

/** Counts what buffers take, until they are destroyed; textures, whose size is the driver's secret, are not lent. */
function countMemory(mostBytes: number): void {
  const sizes = new WeakMap<object, number>();
  const { get, set } = WeakMap.prototype;
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  let used = 0;
  GPUDevice.prototype.createBuffer = function counted(descriptor: GPUBufferDescriptor): GPUBuffer {
    const size = Math.ceil(descriptor.size); // a number, whatever the program gave; what is made has this size
    if (!(used + size <= mostBytes)) {
      throw new Failure(
        "threw",
        `over ${mostBytes} bytes of the graphics card's memory: destroy buffers that are done`,
      );
    }
    const buffer = apply(createBuffer, this, [{ ...descriptor, size }]);
    apply(set, sizes, [buffer, size]);
    used += size;
    return buffer;
  };
  GPUBuffer.prototype.destroy = function freed(): undefined {
    apply(destroy, this, []);
    used -= (apply(get, sizes, [this]) as number | undefined) ?? 0;
    apply(set, sizes, [this, 0]);
  };
  GPUDevice.prototype.createTexture = refuseTexture;
}

function refuseTexture(): GPUTexture {
  throw new Failure("threw", "textures are not lent: use buffers");
}

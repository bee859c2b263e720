import { expect, it } from "vitest";
import type { Engines } from "../../src/engines/index.js";
import { describeOnSoftwareGpu } from "./support/software-gpu.js";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { roomyLimits } from "./support/variants.js";

const mebibyte = 1024 ** 2;

async function run(engines: Engines, source: string) {
  const program = { engine: "webgpu", bytes: new TextEncoder().encode(source) } as const;
  const runtime = await engines.open(program, roomyLimits);
  try {
    return await runtime.run(tagged(null));
  } finally {
    await runtime.close();
  }
}

/** A function body that has a device, and a kernel that keeps it busy for a while each time it is submitted. */
const withKernel = (body: string) => `
export default async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const data = device.createBuffer({ size: 1024, usage: GPUBufferUsage.STORAGE });
  const code = "@group(0) @binding(0) var<storage, read_write> a: array<f32>;" +
    "@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) {" +
    "for (var n = 0; n < 1000; n++) { a[i] = a[i] * 1.0001 + 1.0; } }";
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const entries = [{ binding: 0, resource: { buffer: data } }];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const commands = () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(64);
    pass.end();
    return [encoder.finish()];
  };
  ${body}
};`;

await describeOnSoftwareGpu(
  "a program with a quarter of the card's time and a megabyte of its memory",
  (engines) => {
    it("keeps the card busy for a quarter of the time, however it sends its work", async () => {
      const busyAndAll = await run(
        engines,
        withKernel(`
          device.queue.submit(commands());
          await device.queue.onSubmittedWorkDone(); // compiles the kernel
          const begin = performance.now();
          let busy = 0;
          for (let round = 0; round < 8; round++) {
            device.queue.submit(commands());
            const sent = performance.now();
            await device.queue.onSubmittedWorkDone();
            busy += performance.now() - sent;
          }
          device.queue.submit(commands()); // comes after the rest for what was before
          return [busy, performance.now() - begin];`),
      );
      const [busy = 0, all = 0] = valueOf(busyAndAll) as number[];
      expect(busy).toBeGreaterThan(0);
      expect(busy / all).toBeLessThan(0.3);
    });

    it("sends no more without waiting than a bound", async () => {
      const outcome = await run(engines, withKernel("for (;;) device.queue.submit([]);"));
      expect(reasonOf(outcome)).toBe("threw");
      expect(outcome).toMatchObject({ message: expect.stringContaining("onSubmittedWorkDone") as string });
    });

    it("cannot put its own promises between the card and what counts its time", async () => {
      const source = withKernel(`
        const changed = (name) => { try { Promise.prototype[name] = () => {}; return true; } catch { return false; } };
        return [changed("then"), changed("constructor")];`);
      expect(valueOf(await run(engines, source))).toEqual([false, false]);
    });

    it("gets buffers up to its memory, and again what it destroyed", async () => {
      const source = withKernel(`
        const usage = GPUBufferUsage.STORAGE;
        const first = device.createBuffer({ size: 600 * 1024, usage });
        first.destroy();
        first.destroy(); // counts once
        device.createBuffer({ size: 900 * 1024, usage });
        device.createBuffer({ size: 900 * 1024, usage });`);
      const outcome = await run(engines, source);
      expect(outcome).toMatchObject({ ok: false, message: expect.stringContaining("over 1048576 bytes") as string });
    });

    it.each([
      "device.createBuffer({ size: NaN, usage: 128 })",
      "device.createTexture({ size: [1, 1], format: 'r8unorm', usage: 4 })",
    ])("does not get %s", async (expression) => {
      expect(reasonOf(await run(engines, withKernel(`${expression};`)))).toBe("threw");
    });
  },
  { gpuLent: { percent: 25, memoryBytes: mebibyte } },
);

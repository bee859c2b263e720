import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createEngines, type Engines, type Runtime } from "../../src/engines/index.js";
import { hasGpuDevice } from "../../src/sandbox/walls/gpu.js";
import { describeOnSoftwareGpu } from "./support/software-gpu.js";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { roomyLimits } from "./support/variants.js";

function open(engines: Engines, source: string, limits: Partial<typeof roomyLimits> = {}): Promise<Runtime> {
  const bytes = new TextEncoder().encode(source);
  return engines.open({ engine: "webgpu", bytes }, { ...roomyLimits, ...limits });
}

/** Doubles eight numbers on the card. */
const doubling = `
export default async (numbers) => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const data = device.createBuffer({ size: 32, usage: STORAGE | COPY_SRC | COPY_DST });
  const result = device.createBuffer({ size: 32, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(data, 0, Float32Array.from(numbers));
  const code = "@group(0) @binding(0) var<storage, read_write> a: array<f32>;" +
    "@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) { a[i] *= 2.0; }";
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer: data } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(data, 0, result, 0, 32);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  return [...new Float32Array(result.getMappedRange())];
};`;

/** Keeps the card busy for years. llvmpipe leaves every loop after 65,535 rounds, so there are many of them as well. */
const endless = doubling
  .replace("a[i] *= 2.0;", "loop { a[i] += 1.0; if (a[i] < -1.0) { break; } }")
  .replace("dispatchWorkgroups(1)", "dispatchWorkgroups(65535, 65535)");

for (const bubblewrap of ["auto", "off"] as const) {
  await describeOnSoftwareGpu(
    `a program on the graphics card, bubblewrap ${bubblewrap}`,
    (engines) => {
      it("computes there", async () => {
        const runtime = await open(engines, doubling);
        expect(valueOf(await runtime.run(tagged([1, 2, 3, 4, 5, 6, 7, 8])))).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
        await runtime.close();
      });

      it("finds the card in its realm, and nothing else that other programs have not", async () => {
        const names = "Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('GPU'))";
        const runtime = await open(engines, `export default () => [${names}, Reflect.ownKeys(navigator)]`);
        const [globals, card] = valueOf(await runtime.run(tagged(null))) as [string[], string[]];
        await runtime.close();
        const plain = await engines.open(
          { engine: "js", bytes: new TextEncoder().encode(`export default () => ${names}`) },
          roomyLimits,
        );
        const others = valueOf(await plain.run(tagged(null))) as string[];
        await plain.close();
        expect(card).toEqual(["gpu"]);
        expect(globals.filter((name) => !others.includes(name))).toEqual(["navigator"]);
      });
    },
    { bubblewrap },
  );
}

await describeOnSoftwareGpu("the walls around a process that may use the graphics card", (engines) => {
  const walls = engines.offered.find(({ engine }) => engine === "webgpu")?.walls ?? [];

  it.skipIf(process.platform !== "linux")("let it open more descriptors, write no file, and be nobody", async () => {
    const runtime = await open(engines, "export default () => 1");
    const read = (file: string): string => readFileSync(`/proc/${runtime.pid}/${file}`, "latin1");
    const [limits, status] = [read("limits"), read("status")];
    await runtime.close();
    expect(limits).toMatch(/^Max open files +512 +512 /m);
    expect(limits).toMatch(/^Max file size +0 +0 /m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).not.toMatch(/^Uid:.*\t0\b/m);
  });

  it.skipIf(!walls.includes("bubblewrap"))("show it drivers beside libraries, all of them read-only", async () => {
    const runtime = await open(engines, "export default () => 1");
    const mounts = readFileSync(`/proc/${runtime.pid}/mounts`, "latin1").trim().split("\n");
    await runtime.close();
    const known = /^\/($|deno$|main\.js$|import-map\.json$|usr\/lib(64)?$|lib64$|nix\/store$|dev($|\/))/;
    const drivers =
      /^\/(usr\/share\/|etc\/(vulkan|ld\.so\.cache)$|run\/opengl-driver$|sys\/|proc\/(driver\/nvidia|devices)$)/;
    const paths = mounts.map((line) => line.split(" ")).map(([, path = "", , options = ""]) => ({ path, options }));
    expect(paths.filter(({ path }) => !known.test(path) && !drivers.test(path))).toEqual([]);
    expect(paths.filter(({ path, options }) => drivers.test(path) && !options.split(",").includes("ro"))).toEqual([]);
  });
});

await describeOnSoftwareGpu("a card that a program misuses", (engines) => {
  it("is taken away from a kernel that never ends, by the time limit, and the next program has it", async () => {
    const runtime = await open(engines, endless, { timeMs: 1_500 });
    expect(reasonOf(await runtime.run(tagged([1])))).toBe("time-limit");
    expect(runtime.usable).toBe(false);
    const next = await open(engines, doubling);
    expect(valueOf(await next.run(tagged([1])))).toEqual([2, 0, 0, 0, 0, 0, 0, 0]);
    await next.close();
  });

  it("gives buffers no more of the machine's memory than the task may have", async () => {
    const greedy = `export default async () => {
      const device = await (await navigator.gpu.requestAdapter()).requestDevice();
      for (let count = 0; ; count++) {
        device.pushErrorScope("out-of-memory");
        const buffer = device.createBuffer({ size: 1 << 27, usage: 8 });
        const encoder = device.createCommandEncoder();
        encoder.clearBuffer(buffer);
        device.queue.submit([encoder.finish()]);
        await device.queue.onSubmittedWorkDone();
        if ((await device.popErrorScope()) || count > 32) return count;
      }
    }`;
    const runtime = await open(engines, greedy, { memoryBytes: 1 << 28 });
    const outcome = await runtime.run(tagged(null));
    // what the driver is allowed for itself is 512 MiB, four buffers more
    expect(outcome.ok ? valueOf(outcome) : 0).toBeLessThan(8);
    expect(["ok", "memory-limit"]).toContain(reasonOf(outcome));
    await runtime.close();
  });
});

it.skipIf(process.platform !== "linux" || hasGpuDevice())("says in one line why there is no card", async () => {
  const engines = await createEngines({ prewarm: 0 });
  const missing = engines.missing.find(({ engine }) => engine === "webgpu");
  expect(missing?.why).toMatch(/^there is no graphics card: neither/);
  expect(missing?.howToGet).toContain("driver");
  const bytes = new TextEncoder().encode("export default () => 1");
  await expect(engines.open({ engine: "webgpu", bytes }, roomyLimits)).rejects.toMatchObject({
    code: "engine-missing",
  });
  await engines.close();
});

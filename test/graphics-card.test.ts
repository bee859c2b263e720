import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectFunded } from "./fixtures/accounts.js";
import { type RunningAgent, startAgent } from "../packages/agent/src/index.js";
import { describeOnSoftwareGpu } from "../packages/agent/test/engines/support/software-gpu.js";
import { webgpuProgram } from "../packages/sdk/src/index.js";
import { present } from "./fixtures/present.js";
import { temporaryDirectory } from "./fixtures/temporary.js";
import { startTestPool, type TestPool } from "./fixtures/test-pool.js";

const doubling = `
export default async (numbers) => {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const data = device.createBuffer({ size: 16, usage: STORAGE | COPY_SRC | COPY_DST });
  const result = device.createBuffer({ size: 16, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(data, 0, Float32Array.from(numbers));
  const code = "@group(0) @binding(0) var<storage, read_write> a: array<f32>;" +
    "@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { a[i] *= 2.0; }";
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  const entries = [{ binding: 0, resource: { buffer: data } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(data, 0, result, 0, 16);
  device.queue.submit([encoder.finish()]);
  await result.mapAsync(GPUMapMode.READ);
  return [...new Float32Array(result.getMappedRange())];
};`;

const allocating = `
export default async (mebibytes) => {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  device.createBuffer({ size: mebibytes * 1024 ** 2, usage: GPUBufferUsage.STORAGE });
  return mebibytes;
};`;

await describeOnSoftwareGpu("a graphics card that is lent", () => {
  let pool: TestPool;
  let agent: RunningAgent;
  const rated: string[] = [];
  beforeAll(async () => {
    pool = await startTestPool({ challengeMs: 200, challengeSize: 256 });
    const directory = (await temporaryDirectory()).path;
    agent = await startAgent({
      pool: pool.url,
      directory,
      operatorKey: join(directory, "operator.key"),
      share: "gpu=0:100%,memory=2GiB",
      device: "graphics-card",
      softwareGpu: true,
      onEvent: (event) => event.kind === "rated" && rated.push(event.reason),
    });
  });
  afterAll(async () => {
    await agent.leave();
    await pool.stop();
  });

  it("is offered as such, for its own engine alone", () => {
    expect(agent.offer).toMatchObject({ class: "webgpu", engines: ["webgpu"], slots: 1, card: { thousandths: 1_000 } });
    expect(agent.offer.speeds.fp32FlopsPerSecond).toBeGreaterThan(1e6);
  });

  it("proves its speed by kernels of its own, in FP32 and in FP16 where it has that", async () => {
    pool.clock.advance(2_000); // by its clock the pool's challenge takes a while
    await expect.poll(() => rated.length).toBeGreaterThan(0);
    const [rating] = await pool.client.ratingsOf(agent.key);
    expect(rating).toMatchObject({ reason: "proven", class: "webgpu" });
    const { fp32, fp16 } = present(rating);
    expect([fp32 > 0, fp16 !== null]).toEqual([true, agent.offer.speeds.fp16FlopsPerSecond !== undefined]);
  });

  it("runs tasks of requesters that ask for a part of it, and gives each as much of its memory", async () => {
    const requester = await connectFunded(pool.url);
    const part = await requester.map(webgpuProgram(doubling), [[1], [2], [3]], {
      card: { part: "5%", memory: "200MiB" },
    });
    expect(await part.values()).toEqual([
      [2, 0, 0, 0],
      [4, 0, 0, 0],
      [6, 0, 0, 0],
    ]);
    // 5% of 4 GiB are 204.8 MiB
    const greedy = await requester.map(webgpuProgram(allocating), [200, 210], { card: { part: "5%" } });
    const ended: unknown[] = [];
    for await (const result of greedy) ended[result.index] = result.ok ? result.value : result.error.message;
    expect(ended).toEqual([200, expect.stringContaining("over 214748364 bytes of the graphics card's memory")]);
  });

  it("runs tasks of requesters", async () => {
    const requester = await connectFunded(pool.url);
    const job = await requester.map(webgpuProgram(doubling), [[1, 2, 3, 4]]);
    expect(await job.values()).toEqual([[2, 4, 6, 8]]);
  });
});

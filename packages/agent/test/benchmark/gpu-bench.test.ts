import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkProduct, drawRows, type Precision, type SpeedChallenge, tileName, tileShapes } from "@aegis-pool/core";
import { combineAndFold, primitives } from "@aegis-pool/platform";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { GpuBench } from "../../src/benchmark/gpu-bench.js";
import { GpuFailed } from "../../src/benchmark/gpu-failure.js";
import { openGpuBench } from "../../src/benchmark/open-gpu-bench.js";
import { CoreBench } from "../../src/benchmark/core-bench.js";
import type { Engines } from "../../src/engines/index.js";
import { describeOnSoftwareGpu } from "../engines/support/software-gpu.js";

const memoryBytes = 512 * 1024 ** 2;
const challengeOf = (change: Partial<SpeedChallenge> = {}): SpeedChallenge => ({
  seed: primitives.randomBytes(32),
  size: 256,
  blocks: 1,
  steps: 2,
  ...change,
});

/** What the pool says of a bench's answer. */
async function judged(bench: GpuBench, challenge: SpeedChallenge, precision: Precision) {
  const { commitment } = await bench.product(challenge, precision);
  const indices = drawRows(challenge, primitives);
  const answer = { root: commitment.root, indices, rows: present(commitment.open(indices)) };
  return checkProduct(challenge, answer, { primitives, combineAndFold });
}

/** Engines whose program has `patch` run before it. */
function patched(engines: Engines, patch: string): Engines {
  return {
    ...engines,
    open: (program, limits) =>
      engines.open({ ...program, bytes: Buffer.concat([Buffer.from(`${patch};\n`), program.bytes]) }, limits),
  };
}

await describeOnSoftwareGpu("a graphics card with the reference kernels", (engines) => {
  let bench: GpuBench;
  beforeAll(async () => {
    bench = await GpuBench.open(engines, { memoryBytes });
  });
  afterAll(() => bench.close());

  it.each(tileShapes.map((shape) => [tileName(shape), shape] as const))(
    "answers a challenge that the pool's check accepts, by tiles of %s",
    async (_name, shape) => {
      bench.useTuning({ size: 256, tiles: { fp32: shape, fp16: shape } });
      expect(await judged(bench, challengeOf({ steps: 1 }), "fp32")).toBeUndefined();
    },
  );

  it("computes the same rows as the cores, over several parts of a sum, in FP32 and FP16", async () => {
    const [tile] = tileShapes.slice(2);
    bench.useTuning({ size: 256, tiles: { fp32: present(tile), fp16: present(tile) } });
    const challenge = challengeOf({ size: 512, steps: 1 });
    const cores = await CoreBench.open(engines, 1, memoryBytes);
    const expected = (await cores.product(challenge)).commitment.root;
    await cores.close();
    for (const precision of bench.precisions) {
      expect((await bench.product(challenge, precision)).commitment.root).toEqual(expected);
    }
  });

  it("numbers rows and factors as the pool does, over several blocks and steps", async () => {
    expect(await judged(bench, challengeOf({ blocks: 2, steps: 3 }), "fp32")).toBeUndefined();
  });

  it("walks through its memory", async () => {
    for (const kind of ["read", "write", "triad"] as const) {
      const { amount, ms } = await bench.traffic(kind, 1);
      expect([amount % (3 * 2 ** 20), ms > 0]).toEqual([0, true]);
    }
  });
});

await describeOnSoftwareGpu("a graphics card that is lent in part", (engines) => {
  const open = async (dutyPercent: number): Promise<GpuBench> => {
    const bench = await GpuBench.open(engines, { memoryBytes, dutyPercent });
    onTestFinished(() => bench.close());
    await bench.traffic("write", 1); // compiles the kernel
    return bench;
  };

  it("rests for as long as its share says", async () => {
    const [part, whole] = [await open(40), await open(100)];
    let [partMs, wholeMs] = [Infinity, Infinity];
    const ratio = async (): Promise<number> => {
      // the least of several: whatever else this machine does only adds to it
      partMs = Math.min(partMs, (await part.traffic("write", 4)).ms);
      wholeMs = Math.min(wholeMs, (await whole.traffic("write", 4)).ms);
      return partMs / wholeMs;
    };
    await ratio();
    await expect.poll(ratio, { interval: 1 }).toBeGreaterThan(1.4);
  });
});

/** Takes the device away after a few submits. */
const losing = `
let [device, submits] = [undefined, 0];
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (...all) { return (device = await requestDevice.apply(this, all)); };
const { submit } = GPUQueue.prototype;
GPUQueue.prototype.submit = function (...all) { submit.apply(this, all); if (++submits === 3) device.destroy(); };`;
/** Adds what is no WGSL to every kernel. */
const spoiling = `
const { createShaderModule } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function ({ code }) { return createShaderModule.call(this, { code: code + " nonsense" }); };`;

await describeOnSoftwareGpu("a graphics card that fails", (engines) => {
  it.each([
    ["device-lost", "is lost in mid-kernel", losing, {}],
    ["kernel-invalid", "cannot compile a kernel", spoiling, {}],
    ["time-limit", "does not answer in time", "", { size: 2_048, steps: 100 }],
  ] as const)("is named %s where it %s", async (reason, _what, patch, change) => {
    const bench = await GpuBench.open(patched(engines, patch), { memoryBytes, timeMs: 1_500 });
    const failed: unknown = await bench.product(challengeOf(change)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(GpuFailed);
    expect(failed).toMatchObject({ code: "gpu-failed", reason });
    await bench.close();
  });

  it("is named out-of-memory where its matrices have no room, and goes on with smaller ones", async () => {
    const bench = await GpuBench.open(engines, { memoryBytes: 128 * 1024 ** 2 });
    await expect(bench.product(challengeOf({ size: 16_384 }))).rejects.toMatchObject({ reason: "out-of-memory" });
    expect(await judged(bench, challengeOf({ steps: 1 }), "fp32")).toBeUndefined();
    await bench.close();
  });
});

await describeOnSoftwareGpu("what suits a graphics card", (engines) => {
  const shapes = tileShapes.slice(1, 2);
  let file: string;
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), "aegis-gpu-")), "gpu-tuning.json");
  });
  afterEach(() => rm(dirname(file), { recursive: true }));
  const opened = async (among: typeof tileShapes) => {
    const bench = await openGpuBench(engines, { memoryBytes, folder: dirname(file), shapes: among });
    await bench.close();
    return JSON.parse(await readFile(file, "utf8")) as Record<string, { fp32: string }>;
  };

  it("is searched for once, and then remembered by card, driver and kernels, beside that of others", async () => {
    const other = { size: 256, fp32: "?", fp16: "?" };
    await writeFile(file, JSON.stringify({ "another card": other }));
    const found = await opened(shapes);
    expect(found).toEqual({
      "another card": other,
      [present(Object.keys(found)[1])]: {
        size: 256,
        fp32: tileName(present(shapes[0])),
        fp16: expect.any(String) as string,
      },
    });
    expect(Object.keys(found)[1]).toContain("llvmpipe");
    // with nothing to search among: it is what was remembered
    expect(await opened([])).toEqual(found);
  });

  it("is searched for again where the file is damaged", async () => {
    await writeFile(file, '{"llvmpipe": ');
    expect(Object.keys(await opened([]))).toEqual([expect.stringContaining("llvmpipe")]);
  });
});

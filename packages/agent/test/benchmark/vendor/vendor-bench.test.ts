import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { temporaryDirectory } from "../../../../../test/fixtures/temporary.js";
import { challengeOf } from "../../../src/benchmark/gpu-tuning.js";
import { rateGpu } from "../../../src/benchmark/rate-gpu.js";
import { VendorBench, type VendorOptions } from "../../../src/benchmark/vendor/vendor-bench.js";

const fakeTorch = fileURLToPath(new URL("./fake-torch", import.meta.url));
const python = "python3";
const hasPython = spawnSync(python, ["--version"]).status === 0;
if (!hasPython && process.env["AEGIS_REQUIRE_PYTHON"] === "1")
  throw new Error("AEGIS_REQUIRE_PYTHON=1, but no python3");
if (!hasPython) console.warn("skipped what runs measure.py: there is no python3 here");

async function open(options: VendorOptions = {}): Promise<VendorBench> {
  const bench = await VendorBench.open(options);
  onTestFinished(() => bench.close());
  return bench;
}

/** PyTorch is stood in for, by one that does as `mode` says. */
function inMode(mode: string): void {
  vi.stubEnv("PYTHONPATH", fakeTorch);
  vi.stubEnv("PYTHON_FAKE_TORCH", mode);
}

/** Source of a program that describes a card, as measure.py does. */
function described(change: object = {}): string {
  const device = { name: "Card", backend: "cuda", memoryBytes: 2 ** 30, precisions: ["fp32"], version: "1", ...change };
  return `console.log(${JSON.stringify(JSON.stringify({ device }))});`;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(!hasPython)("a card with its maker's libraries, by a stand-in for PyTorch", () => {
  it("is described, and multiplies as its class counts: TF32 allowed, FP16 summed in FP32", async () => {
    inMode("");
    const { device, precisions, size } = await open({ python });
    expect(device).toMatchObject({ name: "Stand-in Card", backend: "cuda", memoryBytes: 2 ** 30 });
    expect(device.version).toBe("PyTorch 9.9 tf32=True reduced=False");
    expect([precisions, size]).toEqual([["fp32", "fp16"], 2_048]);
  });

  it("counts two operations for each product and sum, and each byte that is read or written", async () => {
    inMode("");
    const bench = await open({ python });
    expect((await bench.product(challengeOf(512, 7), "fp16")).amount).toBe(2 * 512 ** 3 * 7);
    for (const kind of ["read", "write", "triad"] as const) {
      expect((await bench.traffic(kind, 5)).amount).toBe(3 * 2 ** 26 * 5);
    }
  });

  it("rests for as long as it is busy where half of it is lent", async () => {
    inMode("");
    const bench = await open({ python, dutyPercent: 50 });
    const { ms } = await bench.product(challengeOf(512, 12), "fp32");
    expect(ms).toBeGreaterThan(2 * 120 * 0.99); // the stand-in takes 10 ms for each
  });

  it("is rated in the class cuda by all five components", async () => {
    inMode("");
    const rating = await rateGpu("cuda", await open({ python }), 0.5);
    expect(rating.components.map(({ name }) => name)).toEqual(["fp32", "fp16", "read", "write", "triad"]);
    expect(rating.scu).toBeGreaterThan(1);
  });

  it.each([
    ["absent", "no-pytorch (No module named 'torch')", "pip install torch"],
    ["no-device", "no-device (PyTorch 9.9", "the card's driver"],
  ])("is absent where PyTorch is %s, with what to do", async (mode, why, next) => {
    inMode(mode);
    await expect(VendorBench.open({ python })).rejects.toMatchObject({
      code: "gpu-failed",
      message: expect.stringContaining(why) as string,
      next: expect.stringContaining(next) as string,
    });
  });

  it("says that it has no room, and can be asked again", async () => {
    inMode("full");
    const bench = await open({ python });
    await expect(bench.product(challengeOf(512, 1), "fp32")).rejects.toThrow("out-of-memory");
    expect((await bench.traffic("triad", 1)).amount).toBe(3 * 2 ** 26);
  });
});

describe("a Python that is not what it should be", () => {
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    folder = await temporaryDirectory();
  });
  afterAll(() => folder.remove());

  /** An executable that runs `source` by Node.js instead. */
  async function standIn(source: string): Promise<string> {
    const path = join(folder.path, `python-${crypto.randomUUID()}`);
    await writeFile(path, `#!${process.execPath}\n${source}\n`);
    await chmod(path, 0o755);
    return path;
  }
  const answering = (answer: string) =>
    standIn(`${described()} process.stdin.on("data", () => console.log(${JSON.stringify(answer)}));`);

  it("is absent where there is none", async () => {
    const missing = VendorBench.open({ python: join(folder.path, "nothing") });
    await expect(missing).rejects.toMatchObject({ next: expect.stringContaining("AEGIS_PYTHON") as string });
    await expect(missing).rejects.toThrow("no-python");
  });

  it("is killed when it does not answer", async () => {
    const path = await standIn("setInterval(() => {}, 1000);");
    await expect(VendorBench.open({ python: path, timeMs: 100 })).rejects.toThrow(
      "time-limit (it did not answer in 0.1 s)",
    );
  });

  it("is killed when it talks without end, and no more than one line is kept", async () => {
    const path = await standIn(`const say = () => process.stdout.write("x".repeat(65536), say); say();`);
    await expect(VendorBench.open({ python: path })).rejects.toThrow("it said more than 4096 bytes");
  });

  it.each([
    ["ends", "console.error('Segmentation fault'); process.exit(3);", "it ended (code 3) Segmentation fault"],
    ["says what is no JSON", "console.log('hello'); setInterval(() => {}, 1000);", "it said what is no JSON"],
    ["describes what is no card", described({ memoryBytes: -1 }), 'it said {"device"'],
    ["describes a brand that we do not know", described({ backend: "abacus" }), 'it said {"device"'],
  ])("is refused when it %s", async (_what, source, message) => {
    await expect(VendorBench.open({ python: await standIn(source) })).rejects.toThrow(message);
  });

  it.each([
    ['{"amount":-1,"ms":1}', "broken"],
    ['{"amount":1,"ms":0}', "broken"],
    ['{"amount":1e300,"ms":1}', "broken"],
    ['{"failed":"failed","message":"the driver is gone"}', "failed (the driver is gone)"],
  ])("that measures %s is not believed", async (answer, message) => {
    const bench = await open({ python: await answering(answer) });
    await expect(bench.product(challengeOf(256, 1), "fp32")).rejects.toThrow(message);
  });

  it("does not get what is secret from our environment", async () => {
    vi.stubEnv("AEGIS_TOP_SECRET", "key");
    const path = await standIn(`
      const name = String(process.env.AEGIS_TOP_SECRET);
      const device = { name, backend: "cuda", memoryBytes: 2 ** 30, precisions: ["fp32"], version: "1" };
      console.log(JSON.stringify({ device }));`);
    expect((await open({ python: path })).device.name).toBe("undefined");
  });
});

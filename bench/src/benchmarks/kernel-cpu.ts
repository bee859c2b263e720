import { CoreBench, openLentEngines } from "@aegis-pool/agent";
import { primitives } from "@aegis-pool/platform";
import type { Benchmark } from "../benchmark.js";
import { product } from "../engines/onnx-model.js";
import { onnxRuntime } from "../rating/onnxruntime.js";
import { median } from "../statistics.js";

const size = 1_024;
/** Half as many as a challenge has: to make the matrices and to commit to the rows costs as much as half a step. */
const steps = 28;
/** Products by the baseline in each round: about as long. */
const turns = 40;

/** How fast the rated kernel multiplies, in the sandbox and on one core, beside the best library for Node.js. */
export const kernelCpu: Benchmark = {
  name: "kernel-cpu",
  summary:
    "FP32 product of 1024 x 1024 by the rated WASM kernel in the sandbox against onnxruntime-node, one core each",
  async run({ long, say }) {
    const baseline = await oneThreadProduct(say);
    const { engines } = await openLentEngines("cpu=100%,memory=2GiB");
    try {
      const bench = await CoreBench.open(engines, 1, 512 * 1024 ** 2);
      const ours = (count: number) =>
        bench.product({ seed: primitives.randomBytes(32), size, blocks: 1, steps: count }).then(({ ms }) => ms / count);
      await ours(4); // compiles the kernels
      const [kernelMs, baselineMs]: [number[], number[]] = [[], []];
      for (let round = 0; round < (long ? 30 : 6); round++) {
        kernelMs.push(await ours(steps));
        for (let turn = 0; turn < turns; turn++) baselineMs.push(await baseline());
      }
      const gigaflops = (ms: number) => (2 * size ** 3) / ms / 1e6;
      const [kernel, library] = [gigaflops(median(kernelMs)), gigaflops(median(baselineMs))];
      return {
        figures: [
          { name: "kernelRatio", value: kernel / library, unit: "ratio", atLeast: 0.5 },
          { name: "kernelGflops", value: kernel, unit: "GFLOP/s" },
        ],
        baseline: { onnxruntimeGflops: library },
      };
    } finally {
      await engines.close();
    }
  },
};

/** One product by onnxruntime-node on one thread, in ms. */
async function oneThreadProduct(say: (line: string) => void): Promise<() => Promise<number>> {
  const { InferenceSession, Tensor } = await onnxRuntime(say);
  const session = await InferenceSession.create(product(size), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const matrix = (factor: number) =>
    new Tensor(
      "float32",
      Float32Array.from({ length: size * size }, (_, index) => ((index * factor) % 509) - 254),
      [size, size],
    );
  const inputs = { a: matrix(7_919), b: matrix(104_729) };
  return async () => {
    const begin = performance.now();
    await session.run(inputs);
    return performance.now() - begin;
  };
}

/** `npm run kernels`: writes what kernels/cpu.ts and kernels/sums.ts compile to into src/. */
import { writeFile } from "node:fs/promises";
import { compileKernels, compileSumKernel } from "./compile-kernels.mjs";

const { fused, plain } = await compileKernels();
const target = new URL("../src/units/rating/cpu-kernel.ts", import.meta.url);
await writeFile(
  target,
  `/**
 * The reference kernels of the \`cpu\` class as WebAssembly modules in hexadecimal: \`fused\` for engines with relaxed
 * SIMD, \`plain\` for all with SIMD. Written by \`npm run kernels\` from kernels/cpu.ts; a test compiles that anew.
 */
export const cpuKernel = {
  fused:
    "${fused}",
  plain:
    "${plain}",
} as const;
`,
);

await writeFile(
  new URL("../src/federated/secure-sum/sum-kernel.ts", import.meta.url),
  `/**
 * The arithmetic of secure sums as a WebAssembly module with SIMD, in hexadecimal. Written by \`npm run kernels\` from
 * kernels/sums.ts; a test compiles that anew.
 */
export const sumKernel =
  "${await compileSumKernel()}";
`,
);

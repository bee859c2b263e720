/** `npm run kernels`: writes what kernels/cpu.ts compiles to into src/units/rating/cpu-kernel.ts. */
import { writeFile } from "node:fs/promises";
import { compileKernels } from "./compile-kernels.mjs";

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

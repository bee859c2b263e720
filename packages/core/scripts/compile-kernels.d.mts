/** Both builds of the reference kernels, in hexadecimal. */
export function compileKernels(): Promise<{ readonly fused: string; readonly plain: string }>;

/** The kernel of secure sums, in hexadecimal. */
export function compileSumKernel(): Promise<string>;

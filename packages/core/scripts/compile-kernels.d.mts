/** Both builds of the reference kernels, in hexadecimal. */
export function compileKernels(): Promise<{ readonly fused: string; readonly plain: string }>;

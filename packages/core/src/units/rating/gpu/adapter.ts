/** A graphics adapter as WebGPU describes it. */
export interface GpuAdapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallback: boolean;
}

/** Programs that stand in for a graphics card, by the names that they go by. */
const softwareNames = /llvmpipe|lavapipe|swiftshader|software|microsoft basic render|\bwarp\b/i;

/** Whether an adapter computes on the processor: it is no second device, and gets no rating of its own. */
export function isSoftwareAdapter({ isFallback, ...names }: GpuAdapter): boolean {
  return isFallback || Object.values(names).some((name) => softwareNames.test(name));
}

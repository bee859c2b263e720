import { dispatchStruct } from "./arithmetic.js";
import type { GpuKernel } from "./product-kernel.js";

const invocations = 256;
/** Vectors of 16 bytes for each invocation. */
const vectors = 16;

/** Bytes of each array that one workgroup walks through. */
export const trafficBytesPerGroup = invocations * vectors * 16;

function walk(body: string): string {
  return `
@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let start = (dispatch.first + group.x) * ${invocations * vectors}u + index;
  ${body}
}
`;
}

const eachVector = `for (var i = start; i < start + ${invocations * vectors}u; i += ${invocations}u)`;

/** What is read must be able to matter, or nothing is read: it is written down where it has one value of 2^128. */
function readSource(): string {
  return `${dispatchStruct}
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> rare: array<vec4<u32>>;
${walk(`var mixed = vec4<u32>();
  ${eachVector} { mixed ^= a[i]; }
  if (all(mixed == vec4<u32>(0x9e3779b1u, 0x21f0aaadu, 0x735a2d97u, dispatch.number))) { rare[0] = mixed; }`)}`;
}

function writeSource(): string {
  return `${dispatchStruct}
@group(0) @binding(1) var<storage, read_write> to: array<vec4<u32>>;
${walk(`${eachVector} { to[i] = vec4<u32>(dispatch.number); }`)}`;
}

function triadSource(): string {
  return `${dispatchStruct}
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> to: array<vec4<f32>>;
${walk(`${eachVector} { to[i] = a[i] + 3.0 * b[i]; }`)}`;
}

/** Three ways of walking through a device's memory, neighbours next to each other. */
export const trafficKernels: Readonly<Record<"read" | "write" | "triad", GpuKernel>> = {
  read: { source: readSource(), reads: 1 },
  write: { source: writeSource(), reads: 0 },
  triad: { source: triadSource(), reads: 2 },
};

import { dispatchStruct, entries, residues, storage } from "./arithmetic.js";
import type { GpuKernel } from "./product-kernel.js";
import type { Precision } from "../slot-speed.js";

/** Invocations of a workgroup that walks along a matrix or an array. */
const invocations = 256;
/** Entries that one workgroup of `fillKernel` and `residuesKernel` is for: so many are in the smallest matrix's rows. */
export const entriesPerGroup = invocations * 4;

const walk = `
@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  let at = (dispatch.first + group.x) * ${invocations}u + index;`;

/** A matrix from its key, from entry `number` on, its columns scaled for the first step. */
export function fillKernel(precision: Precision): GpuKernel {
  const source = `${storage(precision)}${dispatchStruct}${residues}${entries}
@group(0) @binding(1) var<storage, read_write> matrix: array<Stored>;
${walk}
  let value = entriesFrom(dispatch.number + at * 4u, dispatch.key);
  matrix[at] = Stored(scaled(value, (at * 4u) % dispatch.size));
}
`;
  return { source, reads: 0 };
}

/** A matrix as residues 0 to 508 of 16 bits each, little-endian, which is how WebGPU maps memory. */
export function residuesKernel(precision: Precision): GpuKernel {
  const source = `${storage(precision)}${dispatchStruct}${residues}
@group(0) @binding(1) var<storage, read> matrix: array<Stored>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec2<u32>>;
${walk}
  let value = vec4<u32>(residue(vec4<i32>(matrix[at])));
  packed[at] = value.xz | (value.yw << vec2<u32>(16u));
}
`;
  return { source, reads: 1 };
}

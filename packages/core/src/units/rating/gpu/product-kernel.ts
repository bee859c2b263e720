import { dispatchStruct, entries, residues, storage } from "./arithmetic.js";
import type { Precision } from "../slot-speed.js";
import { invocationsOf, leftStride, type TileShape } from "./tile.js";

/** A compute shader with one entry point, `main`. Bound are the dispatch, what it reads, and last what it writes. */
export interface GpuKernel {
  readonly source: string;
  /** Buffers that it reads. */
  readonly reads: number;
}

const lanes = ["x", "y", "z", "w"] as const;
/** Inner products are summed over this many entries before they are folded. */
const depthOfSum = 256;

/**
 * left x right, modulo 509 and with the columns scaled for the step after, one tile for each workgroup. The sums of an
 * invocation stand in registers, named one by one: an array of them is put into memory by some compilers.
 *
 * Exact in any order, fused or not: entries are at most 254 in size, so 256 products add at most 16,516,096, a folded
 * sum that they are added to is at most 98,812, and together they stay below 2^24 with every sum on the way. WGSL's
 * FP32 additions and products are correctly rounded: what can be represented comes out as it is. FP16 only holds
 * entries, and holds whole numbers up to 2,048 exactly.
 */
export function productKernel(shape: TileShape, precision: Precision): GpuKernel {
  const [across, down] = invocationsOf(shape);
  const { rows, columns, depth } = shape;
  const source = `${storage(precision)}${dispatchStruct}${residues}${entries}
@group(0) @binding(1) var<storage, read> left: array<Stored>;
@group(0) @binding(2) var<storage, read> right: array<Stored>;
@group(0) @binding(3) var<storage, read_write> product: array<Stored>;
var<workgroup> leftStrip: array<Stored, ${rows * leftStride(shape)}>;
var<workgroup> rightStrip: array<Stored, ${(depth * columns) / 4}>;
fn folded(sum: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(fold(vec4<i32>(sum)));
}
@compute @workgroup_size(${across}, ${down})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tile = dispatch.first + group.x;
  let stride = dispatch.size / 4u;
  let tilesAcross = dispatch.size / ${columns}u;
  let top = (tile / tilesAcross) * ${rows}u;
  let first = (tile % tilesAcross) * ${columns / 4}u;
  let ownRow = local.y * ${shape.threadRows}u;
  let ownColumn = local.x * ${shape.threadColumns / 4}u;
  ${eachSum(shape, (sum) => `var ${sum} = vec4<f32>();`)}
  for (var block = 0u; block < dispatch.size; block += ${depthOfSum}u) {
    for (var inner = block; inner < block + ${depthOfSum}u; inner += ${depth}u) {
      ${loadStrips(shape)}
      workgroupBarrier();
      for (var k = 0u; k < ${depth / 4}u; k++) {
        ${multiplyFour(shape)}
      }
      workgroupBarrier();
    }
    ${eachSum(shape, (sum) => `${sum} = folded(${sum});`)}
  }
  ${eachSum(shape, (sum, row, column) => {
    const at = `first + ownColumn + ${column}u`;
    return `product[(top + ownRow + ${row}u) * stride + ${at}] = Stored(scaled(vec4<i32>(${sum}), (${at}) * 4u));`;
  })}
}
`;
  return { source, reads: 2 };
}

/** One statement for each vector of four sums of an invocation. */
function eachSum(
  { threadRows, threadColumns }: TileShape,
  statement: (sum: string, row: number, column: number) => string,
): string {
  const vectors = threadColumns / 4;
  const statements = Array.from({ length: threadRows * vectors }, (_, at) => {
    const [row, column] = [Math.floor(at / vectors), at % vectors];
    return statement(`sum${row}_${column}`, row, column);
  });
  return statements.join("\n  ");
}

/** Both strips, each invocation its part; neighbours read neighbours. */
function loadStrips(shape: TileShape): string {
  const { rows, columns, depth } = shape;
  const [across, down] = invocationsOf(shape);
  const each = (vectors: number, body: string): string =>
    `for (var i = index; i < ${vectors}u; i += ${across * down}u) { ${body} }`;
  const quads = depth / 4;
  const leftAt = `(top + i / ${quads}u) * stride + inner / 4u + i % ${quads}u`;
  const rightAt = `(inner + i / ${columns / 4}u) * stride + first + i % ${columns / 4}u`;
  return [
    each((rows * depth) / 4, `leftStrip[(i / ${quads}u) * ${leftStride(shape)}u + i % ${quads}u] = left[${leftAt}];`),
    each((depth * columns) / 4, `rightStrip[i] = right[${rightAt}];`),
  ].join("\n      ");
}

/** Four inner entries of each own row, times four rows of the right strip. */
function multiplyFour(shape: TileShape): string {
  const { threadRows, columns } = shape;
  const rows = Array.from(
    { length: threadRows },
    (_, row) => `let row${row} = vec4<f32>(leftStrip[(ownRow + ${row}u) * ${leftStride(shape)}u + k]);`,
  );
  const products = lanes.flatMap((lane, inner) => {
    const vectors = Array.from({ length: shape.threadColumns / 4 }, (_, column) => {
      const at = `(k * 4u + ${inner}u) * ${columns / 4}u + ownColumn + ${column}u`;
      return `let right${lane}${column} = vec4<f32>(rightStrip[${at}]);`;
    });
    const sums = eachSum(
      shape,
      (sum, row, column) => `${sum} = fma(vec4<f32>(row${row}.${lane}), right${lane}${column}, ${sum});`,
    );
    return [...vectors, sums];
  });
  return [...rows, ...products].join("\n        ");
}

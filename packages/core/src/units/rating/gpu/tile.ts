import type { Precision } from "../slot-speed.js";

/** How one workgroup multiplies: a tile of the product, fed with strips of both matrices through workgroup memory. */
export interface TileShape {
  /** Of the product, computed by one workgroup. Each is a divisor of 256. */
  readonly rows: number;
  readonly columns: number;
  /** Inner entries that are in workgroup memory at a time: a multiple of 4 and a divisor of 256. */
  readonly depth: number;
  /** Of the tile, in the registers of one invocation; the columns are a multiple of 4. */
  readonly threadRows: number;
  readonly threadColumns: number;
}

/** A shape in a few characters: "64x128x16 by 8x4". */
export function tileName({ rows, columns, depth, threadRows, threadColumns }: TileShape): string {
  return `${rows}x${columns}x${depth} by ${threadRows}x${threadColumns}`;
}

/** What a device allows a workgroup. */
export interface WorkgroupLimits {
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
}

/** Shapes worth trying, from what suits small devices to what suits large ones. Every device allows the first. */
export const tileShapes: readonly TileShape[] = [
  { rows: 32, columns: 32, depth: 16, threadRows: 4, threadColumns: 4 },
  { rows: 64, columns: 64, depth: 16, threadRows: 4, threadColumns: 4 },
  { rows: 64, columns: 64, depth: 16, threadRows: 8, threadColumns: 8 },
  { rows: 64, columns: 64, depth: 32, threadRows: 8, threadColumns: 4 },
  { rows: 64, columns: 128, depth: 16, threadRows: 8, threadColumns: 8 },
  { rows: 128, columns: 64, depth: 16, threadRows: 8, threadColumns: 4 },
  { rows: 128, columns: 128, depth: 8, threadRows: 8, threadColumns: 8 },
  { rows: 128, columns: 128, depth: 16, threadRows: 8, threadColumns: 8 },
];

/** Invocations of a workgroup, across and down. */
export function invocationsOf({ rows, columns, threadRows, threadColumns }: TileShape): readonly [number, number] {
  return [columns / threadColumns, rows / threadRows];
}

/** Vectors of four between one row of the left strip and the next: one more than there are keeps banks apart. */
export function leftStride({ depth }: TileShape): number {
  return depth / 4 + 1;
}

/** Workgroup memory that a shape takes, in bytes. */
export function workgroupBytes(shape: TileShape, precision: Precision): number {
  const vectors = shape.rows * leftStride(shape) + (shape.depth * shape.columns) / 4;
  return vectors * 4 * entryBytes(precision);
}

/** Bytes of an entry as it is stored. */
export function entryBytes(precision: Precision): number {
  return precision === "fp16" ? 2 : 4;
}

/** Whether a device with these limits can run a shape. */
export function fits(shape: TileShape, precision: Precision, limits: WorkgroupLimits): boolean {
  const [across, down] = invocationsOf(shape);
  return (
    workgroupBytes(shape, precision) <= limits.maxComputeWorkgroupStorageSize &&
    across * down <= limits.maxComputeInvocationsPerWorkgroup
  );
}

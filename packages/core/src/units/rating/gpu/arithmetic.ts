import type { Precision } from "../slot-speed.js";

/**
 * What one dispatch is told, 32 bytes in the uniform buffer of every kernel:
 * the first of its workgroups, the matrix size, a number and the number of the first factor, two keys.
 */
export const dispatchStruct = /* wgsl */ `
struct Dispatch {
  first: u32,
  size: u32,
  number: u32,
  factors: u32,
  key: vec2<u32>,
  factorKey: vec2<u32>,
}
@group(0) @binding(0) var<uniform> dispatch: Dispatch;
`;

/** As `factors` of a dispatch: its columns are not scaled. No factor has this number, which is no multiple of 256. */
export const unscaled = 0xffff_ffff;

/**
 * Residues modulo 509, in 32-bit integers alone: WGSL defines their sums, products and shifts exactly, while it lets a
 * division be 2.5 units in the last place off, so that x - 509 * round(x / 509) may take a neighbour's multiple. Since
 * 512 is 3 more than 509, a number is congruent to three times what is above its nine lowest bits plus those; a shift
 * keeps the sign, so this holds below 0 as well.
 *
 * What is at most 2^24 in size becomes -98,304 .. 98,812, then -576 .. 1,084, then -3 .. 514, then 0 .. 511.
 */
export const residues = /* wgsl */ `
fn fold(x: vec4<i32>) -> vec4<i32> {
  return (x >> vec4<u32>(9u)) * 3 + (x & vec4<i32>(511));
}
fn residue(x: vec4<i32>) -> vec4<i32> {
  let y = fold(fold(fold(fold(x))));
  return y - select(vec4<i32>(0), vec4<i32>(509), y >= vec4<i32>(509));
}
fn centred(x: vec4<i32>) -> vec4<i32> {
  let y = residue(x);
  return y - select(vec4<i32>(0), vec4<i32>(509), y > vec4<i32>(254));
}
`;

/** Entries and factors by number, as in entries.ts. */
export const entries = /* wgsl */ `
fn mix(numbers: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var x = numbers * 0x9e3779b1u + key.x;
  x = (x ^ (x >> vec4<u32>(16u))) * 0x21f0aaadu;
  x = (x ^ (x >> vec4<u32>(15u))) + key.y;
  x = x * 0x735a2d97u;
  return (x ^ (x >> vec4<u32>(15u))) >> vec4<u32>(16u);
}
fn entriesFrom(number: u32, key: vec2<u32>) -> vec4<i32> {
  let mixed = mix(number + vec4<u32>(0u, 1u, 2u, 3u), key);
  return vec4<i32>((mixed * 509u) >> vec4<u32>(16u)) - 254;
}
fn factorsFrom(number: u32, key: vec2<u32>) -> vec4<i32> {
  let mixed = mix(number + vec4<u32>(0u, 1u, 2u, 3u), key);
  let value = vec4<i32>((mixed * 508u) >> vec4<u32>(16u)) - 254;
  return value + select(vec4<i32>(0), vec4<i32>(1), value >= vec4<i32>(0));
}
fn scaled(x: vec4<i32>, column: u32) -> vec4<i32> {
  let y = centred(x);
  if (dispatch.factors == ${unscaled}u) {
    return y;
  }
  return centred(y * factorsFrom(dispatch.factors + column, dispatch.factorKey));
}
`;

/** Turns FP16 on where it is used, and gives the vector that matrices are stored in its name. */
export function storage(precision: Precision): string {
  return precision === "fp16" ? "enable f16;\nalias Stored = vec4<f16>;\n" : "alias Stored = vec4<f32>;\n";
}

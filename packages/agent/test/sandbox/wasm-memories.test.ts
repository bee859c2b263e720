import fc from "fast-check";
import { expect, it } from "vitest";
import { Failure } from "../../src/sandbox/realm/failures.js";
import { boundMemories, unsignedBytes } from "../../src/sandbox/realm/wasm/memories.js";

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const custom = [0, 3, 1, 0x61, 9];

/** A module with one memory of these limits, between two sections that must stay as they are. */
function moduleWith(...memories: readonly (readonly number[])[]): Uint8Array {
  const body = [memories.length, ...memories.flat()];
  return Uint8Array.from([...header, ...custom, 5, body.length, ...body, ...custom]);
}

it("gives a memory without maximum the bound, and lowers a larger one", () => {
  expect(boundMemories(moduleWith([0, 2]), 300)).toEqual(moduleWith([1, 2, ...unsignedBytes(300)]));
  expect(boundMemories(moduleWith([1, 2, ...unsignedBytes(9000)]), 300)).toEqual(
    moduleWith([1, 2, ...unsignedBytes(300)]),
  );
});

it("keeps a maximum below the bound, and what else the flags say", () => {
  expect(boundMemories(moduleWith([1, 2, 7]), 300)).toEqual(moduleWith([1, 2, 7]));
  expect(boundMemories(moduleWith([3, 2, 100], [4, 1]), 50)).toEqual(moduleWith([3, 2, 50], [5, 1, 50]));
});

it("never writes a maximum that a 32-bit memory may not have", () => {
  expect(boundMemories(moduleWith([0, 1]), 1e6)).toEqual(moduleWith([1, 1, ...unsignedBytes(65_536)]));
});

it("refuses a memory that starts over the bound", () => {
  expect(() => boundMemories(moduleWith([0, 51]), 50)).toThrow("starts with 51 pages");
});

it("leaves a module without memory alone", () => {
  const module = Uint8Array.from([...header, ...custom]);
  expect(boundMemories(module, 1)).toBe(module);
});

it("refuses what it cannot read, and reads nothing outside the module", () => {
  for (const broken of [
    [5],
    [5, 9, 1],
    [5, 4, 1, 8, 1, 1],
    [0, 100, 1],
    [5, 12, 1, 0, ...Array<number>(10).fill(0x80)],
  ]) {
    expect(() => boundMemories(Uint8Array.from([...header, ...broken]), 50)).toThrow(Failure);
  }
});

it("either refuses any bytes or makes a module that V8 judges as the one before", () => {
  const body = fc.uint8Array({ maxLength: 30 }).map((bytes) => Uint8Array.from([...header, ...bytes]));
  const property = fc.property(
    body,
    (module) => isRefused(module) || !isValid(module) || isValid(boundMemories(module, 10)),
  );
  expect(fc.check(property, { numRuns: 500 })).toMatchObject({ failed: false });
});

function isRefused(module: Uint8Array): boolean {
  try {
    boundMemories(module, 10);
    return false;
  } catch {
    return true;
  }
}

/** WebAssembly is global in Node.js, but not in its types. */
function isValid(bytes: Uint8Array): boolean {
  return (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly.validate(
    bytes,
  );
}

import { expect, it } from "vitest";
import { conflictIn, isReplicated, type Requirements } from "../../src/index.js";
import { filled } from "../fixtures.js";

const plain: Requirements = { engine: "js", memoryBytes: 2 ** 28, timeLimitMs: 1_000, outputBytes: 1_000 };
const attested: Requirements = { ...plain, verification: { policy: "attested", measurements: [filled(1, 48)] } };
const checked: Requirements = { ...plain, deterministic: true, verification: { policy: "spot" } };

it("requirements that no machine, or no check, can meet are named", () => {
  expect(conflictIn(plain)).toBeUndefined();
  expect(conflictIn(checked)).toBeUndefined();
  expect(conflictIn({ ...checked, excludedOperators: [filled(1)] })).toBeUndefined();
  expect(conflictIn({ ...attested, operators: [filled(1)], gang: { number: 1, size: 2 } })).toBeUndefined();
  expect(conflictIn({ ...plain, verification: { policy: "spot" } })).toMatch(/only deterministic tasks/);
  expect(conflictIn({ ...checked, gang: { number: 1, size: 2 } })).toMatch(/gang/);
  expect(conflictIn({ ...checked, operators: [filled(1)] })).toMatch(/names the operators/);
  expect(conflictIn({ ...checked, engine: "wasm", fuel: 7 })).toBeUndefined();
  expect(conflictIn({ ...checked, fuel: 7 })).toMatch(/engine wasm alone/);
  expect(conflictIn({ ...plain, engine: "wasm", fuel: 7 })).toMatch(/deterministic tasks/);
  const judged = { policy: "judged", runs: 3, tolerance: { billionths: 1_000 } } as const;
  expect(conflictIn({ ...plain, engine: "onnx", verification: judged })).toBeUndefined();
  expect(conflictIn({ ...plain, verification: judged, gang: { number: 1, size: 2 } })).toMatch(/gang/);
  expect(conflictIn({ ...plain, verification: judged, operators: [filled(1)] })).toMatch(/names the operators/);
  const product = { ...plain, engine: "webgpu", verification: { policy: "exact-product" } } as const;
  expect(conflictIn({ ...product, gang: { number: 1, size: 2 }, operators: [filled(1)] })).toBeUndefined();
  expect(conflictIn({ ...checked, engine: "onnx" })).toMatch(/onnx cannot run deterministically/);
});

it("only tasks that others may check have runs that are bound to their results", () => {
  expect([plain, checked, attested].map(isReplicated)).toEqual([false, true, false]);
});

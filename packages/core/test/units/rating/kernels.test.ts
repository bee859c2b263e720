import { primitives } from "@aegis-pool/platform";
import { expect, it } from "vitest";
import { honestRows } from "../../../../../test/fixtures/speed-product.js";
import { compileKernels } from "../../../scripts/compile-kernels.mjs";
import { cpuKernel } from "../../../src/units/rating/cpu-kernel.js";
import { entryAt, factorAt, productModulus } from "../../../src/units/rating/entries.js";
import { challengeKeys } from "../../../src/units/rating/speed-challenge.js";

it("the modules in the repository are what the source beside them compiles to", async () => {
  expect(await compileKernels()).toEqual({ fused: cpuKernel.fused, plain: cpuKernel.plain });
});

it("entries lie between -254 and 254, factors too and are never 0", () => {
  const entries = Array.from({ length: 50_000 }, (_, number) => entryAt(number, [1, 2]));
  expect([Math.min(...entries), Math.max(...entries)]).toEqual([-254, 254]);
  expect(Math.abs(entries.reduce((sum, entry) => sum + entry, 0) / entries.length)).toBeLessThan(5);
  const factors = Array.from({ length: 50_000 }, (_, number) => factorAt(number, [1, 2]));
  expect([Math.min(...factors), Math.max(...factors), factors.includes(0)]).toEqual([-254, 254, false]);
});

it("the kernels multiply as plain arithmetic does", () => {
  const [size, steps] = [256, 3];
  const challenge = { seed: primitives.randomBytes(32), size, blocks: 2, steps };
  const keys = challengeKeys(challenge, primitives);
  const right = Array.from({ length: size * size }, (_, number) => entryAt(number, keys.right));
  const rows = honestRows(challenge);
  for (const row of [0, 3, 255, 256, 511]) {
    let vector = Array.from({ length: size }, (_, column) => entryAt(row * size + column, keys.left));
    for (let step = 0; step < steps; step++) {
      const scaled = vector.map((value, column) => value * factorAt(step * size + column, keys.factors));
      vector = vector.map((_, column) => {
        const sum = scaled.reduce((total, value, at) => total + value * (right[at * size + column] ?? 0), 0);
        return ((sum % productModulus) + productModulus) % productModulus;
      });
    }
    expect([...new Uint16Array(Uint8Array.from(rows[row] ?? []).buffer)]).toEqual(vector);
  }
});

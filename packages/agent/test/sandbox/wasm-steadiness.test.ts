import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Failure } from "../../src/sandbox/realm/failures.js";
import { requireSteadyModule } from "../../src/sandbox/realm/wasm/steadiness.js";
import { command, op } from "../engines/support/wasm-module.js";

const require = createRequire(import.meta.url);
/** `i32x4.relaxed_trunc_f32x4_s` of a constant, dropped. */
const relaxed = [0xfd, 0x0c, ...Array<number>(16).fill(0), 0xfd, 0x81, 0x02, ...op.drop];

/** What is said of a module; undefined: nothing. */
function complaintOf(module: Uint8Array): unknown {
  try {
    requireSteadyModule(module);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("a module for deterministic tasks", () => {
  it.each(["onnxruntime-web/ort-wasm-simd-threaded.wasm", "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm"])(
    "is read to its end: %s",
    async (name) => {
      const bytes = await readFile(require.resolve(name));
      expect(() => requireSteadyModule(bytes)).not.toThrow();
    },
  );

  it("may use no relaxed vector instruction", () => {
    expect(() => requireSteadyModule(command(relaxed))).toThrow(
      /relaxed vector instruction 0xfd 0x101 .*compile without/,
    );
  });

  it("may use no instruction that is not known here", () => {
    expect(() => requireSteadyModule(command([0xfb, 0x00, 0x00]))).toThrow(/instruction 0xfb.* not known/);
  });

  it("whose function ends inside an instruction is refused", () => {
    const cut = command(op.const(5));
    const at = cut.lastIndexOf(0x0b, -4); // before the three bytes of the data section
    cut[at] = 0x41;
    expect(() => requireSteadyModule(cut)).toThrow("ends inside an instruction");
  });

  it("is not misled by constants, shuffles and lists that look like a relaxed instruction", () => {
    const constant = [0xfd, 0x0c, 0xfd, 0x81, 0x02, ...Array<number>(13).fill(0xfd), ...op.drop];
    const wide = [0x44, 0xfd, 0x81, 0x02, 0xfd, 0x81, 0x02, 0, 0, ...op.drop];
    const table = [0x02, 0x40, ...op.const(0), 0x0e, 1, 0, 0, 0x0b];
    expect(() => requireSteadyModule(command([...constant, ...wide, ...table]))).not.toThrow();
  });

  it("that is broken is refused, and nothing outside of it is read", () => {
    const whole = command([...op.const(1), ...op.drop]);
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const broken = whole.slice();
        broken[at] = byte;
        expect(complaintOf(broken)).toSatisfy((error) => error === undefined || error instanceof Failure);
      }),
      { numRuns: 2_000 },
    );
  });
});

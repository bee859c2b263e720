import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meterModule, startName } from "../../../src/sandbox/realm/wasm/fuel/meter.js";
import { assemble } from "./assemble.js";
import { ByHand, type Fun, programs } from "./program.js";

interface Ran {
  readonly ended: "returned" | "threw" | "out of fuel";
  readonly used: number | undefined;
  readonly state: number | undefined;
}

/** What a metered module makes of its fuel. */
function run(functions: readonly Fun[], fuel: number): Ran {
  const metered = meterModule(assemble(functions), { fuel, name: "left" }) as Uint8Array<ArrayBuffer>;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered));
  let threw = false;
  try {
    (exports["run"] as () => unknown)();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception)) throw error;
    threw = true;
  }
  const left = Number((exports["left"] as WebAssembly.Global).value);
  if (left < 0) return { ended: "out of fuel", used: undefined, state: undefined };
  const state = (exports["state"] as WebAssembly.Global).value as number;
  return { ended: threw ? "threw" : "returned", used: fuel - left, state };
}

function byHand(functions: readonly Fun[], fuel: number): Ran {
  const program = new ByHand(functions, fuel);
  const ended = program.run();
  if (ended === "out of fuel") return { ended, used: undefined, state: undefined };
  return { ended, used: program.used, state: program.state };
}

describe("a metered module", () => {
  it("uses what its instructions cost that were executed, counted one by one, and ends where that is too much", () => {
    const endings = { returned: 0, threw: 0, "out of fuel": 0 };
    fc.assert(
      fc.property(programs, fc.integer({ min: 1, max: 4_000 }), (functions, fuel) => {
        const expected = byHand(functions, fuel);
        endings[expected.ended]++;
        expect(run(functions, fuel)).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(...Object.values(endings))).toBeGreaterThan(100);
  });

  it("tells of the last unit: what is used up exactly is enough", () => {
    const functions: Fun[] = [{ results: 0, body: [{ kind: "mix", by: 1 }] }];
    expect(run(functions, 6)).toMatchObject({ ended: "returned", used: 6 });
    expect(run(functions, 5)).toMatchObject({ ended: "out of fuel" });
    expect(startName("left")).not.toBe("left");
  });
});

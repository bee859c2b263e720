import { expect, it } from "vitest";
import { jsProgram, onnxProgram } from "../src/index.js";
import { jobTerms, type JobOptions } from "../src/options.js";

const policyOf = (verify: JobOptions["verify"], program = jsProgram("")) => jobTerms(program, { verify }).requirements;

it("results that are judged need not be the same everywhere: any engine gives them", () => {
  const judged = policyOf({ policy: "judged", bytes: "safetensors" }, onnxProgram(new Uint8Array(0)));
  expect(judged.verification).toEqual({
    policy: "judged",
    runs: 3,
    tolerance: { billionths: 1_000, bytes: "safetensors" },
  });
  expect(judged).not.toHaveProperty("deterministic");
  expect(policyOf("exact-product")).toMatchObject({ verification: { policy: "exact-product" } });
  expect(policyOf("quorum")).toHaveProperty("deterministic", true);
});

it("a tolerance is whole billionths from 0 to 1, and runs are 2 to 7", () => {
  for (const [tolerance, billionths] of [
    [0, 0],
    [1e-9, 1],
    [0.123_456_789, 123_456_789],
    [1, 1_000_000_000],
  ] as const)
    expect(policyOf({ policy: "judged", tolerance }).verification).toMatchObject({ tolerance: { billionths } });
  for (const tolerance of [1e-10, -1e-9, 1.1, Number.NaN])
    expect(() => policyOf({ policy: "judged", tolerance })).toThrow(/verify\.tolerance is/);
  for (const runs of [1, 8, 2.5]) expect(() => policyOf({ policy: "judged", runs })).toThrow(/verify\.runs is/);
  expect(() => policyOf({ policy: "judged", bytes: "float16" as "float32" })).toThrow(/verify\.bytes is float16/);
});

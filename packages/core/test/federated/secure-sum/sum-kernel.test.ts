import { expect, it } from "vitest";
import { compileSumKernel } from "../../../scripts/compile-kernels.mjs";
import { sumKernel } from "../../../src/federated/secure-sum/sum-kernel.js";

it("the module in the repository is what the source beside it compiles to", async () => {
  expect(await compileSumKernel()).toBe(sumKernel);
});

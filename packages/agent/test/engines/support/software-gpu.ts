import { afterAll, describe } from "vitest";
import { createEngines, type Engines, type EnginesOptions } from "../../../src/engines/index.js";

const required = process.env["AEGIS_REQUIRE_SOFTWARE_GPU"] === "1";

/** Runs a suite on a graphics adapter that computes on the processor, such as Mesa's llvmpipe, where there is one. */
export async function describeOnSoftwareGpu(
  title: string,
  suite: (engines: Engines) => void,
  options: EnginesOptions = {},
): Promise<void> {
  const engines = await createEngines({ prewarm: 0, softwareGpu: true, ...options });
  const missing = engines.missing.find(({ engine }) => engine === "webgpu");
  if (missing && required) throw new Error(`AEGIS_REQUIRE_SOFTWARE_GPU=1, but: ${missing.why}`);
  if (missing) console.warn(`skipped "${title}": ${missing.why}`);
  describe.skipIf(missing !== undefined)(`${title}, on a software adapter`, () => {
    suite(engines);
    afterAll(() => engines.close());
  });
}

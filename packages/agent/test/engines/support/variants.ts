import { afterAll, describe } from "vitest";
import { createEngines, type EngineLimits, type EngineName, type Runtime } from "../../../src/engines/index.js";

/** Bounds that no well-behaved test program comes near. */
export const roomyLimits: EngineLimits = {
  timeMs: 60_000,
  memoryBytes: 512 * 1024 * 1024,
  outputBytes: 32 * 1024 * 1024,
  logBytes: 10_000,
};

/** Opens a runtime that the suite closes at its end. */
export type Open = (
  engine: EngineName,
  program: string | Uint8Array,
  limits?: Partial<EngineLimits>,
  shared?: Uint8Array,
) => Promise<Runtime>;

const required = process.env["AEGIS_REQUIRE_BUBBLEWRAP"] === "1";

/** Runs one suite with bubblewrap around every process, and once more without. */
export async function describeWithAndWithoutBubblewrap(
  title: string,
  suite: (open: Open, walls: { bubblewrap: boolean }) => void,
): Promise<void> {
  for (const bubblewrap of ["auto", "off"] as const) {
    const engines = await createEngines({ bubblewrap, prewarm: 1 });
    const works = engines.offered[0]?.walls.includes("bubblewrap") ?? false;
    const absent = bubblewrap === "auto" && !works;
    if (absent && required) throw new Error("AEGIS_REQUIRE_BUBBLEWRAP=1, but no process starts behind bubblewrap here");
    if (absent) console.warn(`skipped "${title}" behind bubblewrap: no process starts behind it on this machine`);
    const open: Open = (engine, program, limits, shared) =>
      engines.open(
        {
          engine,
          bytes: typeof program === "string" ? new TextEncoder().encode(program) : program,
          ...(shared === undefined ? {} : { shared }),
        },
        { ...roomyLimits, ...limits },
      );
    describe.skipIf(absent)(`${title}, ${bubblewrap === "auto" ? "behind bubblewrap" : "without bubblewrap"}`, () => {
      suite(open, { bubblewrap: works });
    });
    afterAll(() => engines.close());
  }
}

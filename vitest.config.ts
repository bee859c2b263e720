import { defineConfig } from "vitest/config";
import { NamesWhatHangs } from "./test/names-what-hangs.js";
import { SlowestFirst } from "./test/slowest-first.js";

export default defineConfig({
  test: {
    include: ["{packages,workloads}/*/test/**/*.test.ts", "contracts/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/fixtures/seed.ts", "test/fixtures/postgres.ts"],
    setupFiles: "test/fixtures/seeded.ts",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // A third of the time is spent waiting for processes to start and stop: on two cores three take less time than two.
    maxWorkers: 3,
    // Files share a worker's modules: loading them anew for each of 109 files took 80 s of processor time.
    isolate: false,
    restoreMocks: true,
    reporters: ["default", new NamesWhatHangs()],
    sequence: { sequencer: SlowestFirst },
  },
});

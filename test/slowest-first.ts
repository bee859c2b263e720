import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files with processes of their own, slowest first by a run on two cores; one of them begun last would be waited for by all. */
const slow = [
  "test/cli.test.ts",
  "test/demo.test.ts",
  "test/faults/held.test.ts",
  "packages/pool/test/checks/quorum.test.ts",
  "test/faults/money.test.ts",
  "packages/pool/test/checks/checks.test.ts",
  "packages/agent/test/benchmark/gpu-bench.test.ts",
  "packages/pool/test/backup/backup.test.ts",
  "packages/agent/test/engines/hostile.test.ts",
  "contracts/test/forge.test.ts",
  "test/faults/processes.test.ts",
  "packages/pool/test/store/embedded-recovery.test.ts",
  "test/database-url.test.ts",
  "packages/pool/test/store/embedded-postgres.test.ts",
  "packages/agent/test/engines/deterministic.test.ts",
  "test/owner.test.ts",
  "test/certificates.test.ts",
  "packages/pool/test/checks/judged.test.ts",
  "test/faults/retries.test.ts",
  "packages/agent/test/sandbox/fuel/metering.test.ts",
  "packages/pool/test/checks/disputes.test.ts",
  "packages/agent/test/engines/onnx.test.ts",
  "packages/pool/test/ratings/observed.test.ts",
  "packages/pool/test/ratings/ratings.test.ts",
  "test/tls.test.ts",
  "test/examples.test.ts",
];

/** Begins with what takes longest, also where no earlier run has been measured. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = slow.findIndex((path) => moduleId.endsWith(`/${path}`));
  return place < 0 ? slow.length : place;
}

import type { Procedure } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { federatedSetting, wholeStep } from "./fixtures/federated.js";
import { startTestPool } from "./fixtures/test-pool.js";

/** Adds up what all have, twice: the second time what the first sum was besides. */
function* twice(own: number): Procedure<number[]> {
  const [first] = yield wholeStep("first", [own, 1]);
  const total = first?.parts[0]?.[0] ?? 0;
  const [second] = yield wholeStep("second", [own + total, 1, 7]);
  return [total, ...(second?.parts[0] ?? [])];
}

describe("a federated run", () => {
  it("gives every participant the sums of all, and pays its members", async () => {
    const pool = await startTestPool("off", { committeeTrust: 0 });
    const setting = await federatedSetting(pool);
    const results = await Promise.all([1, 2, 3, 4, 5].map((own, place) => setting.join(place, twice(own))));
    expect(results).toEqual(Array.from({ length: 5 }, () => [15, 90, 5, 35]));
    await setting.stop();
    await pool.stop();
  });
});

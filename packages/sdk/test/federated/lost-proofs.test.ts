import { afterEach, describe, expect, it } from "vitest";
import { type RunInTest, runInTest } from "./participants.js";

let run: RunInTest;
afterEach(() => run.end());

describe("a participant", () => {
  it("takes a roster whose log head it could not have proven at first, since the connection broke", async () => {
    run = await runInTest();
    const dropped = new Set<string>();
    // Two of three proofs that are asked for are lost.
    let asked = 0;
    run.pool.lies.drops = (_method, path) => {
      if (path !== "/v1/log/consistency") return false;
      dropped.add(path);
      return ++asked % 3 !== 0;
    };
    const results = await Promise.all(run.invitations.map((_, place) => run.join(place, 1)));
    expect(results).toEqual(results.map(() => [[{ participants: 5, parts: [Float64Array.of(15, -15, 5)] }]]));
    expect([...dropped]).toEqual(["/v1/log/consistency"]);
  });
});

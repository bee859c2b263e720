import { challengeFlops, type SpeedChallenge } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { rateCores } from "../../src/benchmark/rate-cores.js";
import type { CoreBench } from "../../src/benchmark/core-bench.js";

type Bench = Parameters<typeof rateCores>[0];

/** Cores that do so many operations and bytes a second, times what `waver` says for each measurement. */
function cores(waver: (measurement: number) => number): Bench {
  let measurements = 0;
  const ms = (amount: number, perSecond: number) => (amount / (perSecond * waver(measurements++))) * 1_000;
  const [flops, bytes] = [40e9, 10e9];
  return {
    cores: 2,
    product: async (challenge: SpeedChallenge) => {
      const amount = challengeFlops(challenge);
      return { amount, ms: ms(amount, flops) } as Awaited<ReturnType<CoreBench["product"]>>;
    },
    traffic: async (_kind, rounds) => ({ amount: rounds * 1e9, ms: ms(rounds * 1e9, bytes) }),
  };
}

describe("a rating by the machine's own measure", () => {
  it("is the geometric mean of what it sustains, and ends when the figures stand still", async () => {
    const rating = await rateCores(
      cores(() => 1),
      1e6,
    );
    expect(rating).toMatchObject({
      cores: 2,
      busy: false,
      scu: Math.round(Math.sqrt((40 / 8_000) * (10 / 100)) * 1e6),
    });
    for (const { burst, sustained, spread } of rating.components) {
      expect([burst / sustained, spread]).toEqual([expect.closeTo(1), expect.closeTo(0)]);
    }
  });

  it("rates by what is sustained when the machine is warm, and shows the burst beside it", async () => {
    const { components, busy } = await rateCores(
      cores((measurement) => (measurement < 8 ? 1.5 : 1)), // cool for the first round
      1e6,
    );
    expect(busy).toBe(false);
    expect(components[0]).toMatchObject({ name: "fp32", burst: expect.closeTo(60e9, -6) as number });
    expect(components[0]?.sustained).toBeCloseTo(40e9, -6);
  });

  it("is not lowered by rounds in which something else had the machine", async () => {
    const { components } = await rateCores(
      cores((measurement) => (measurement % 8 < 4 ? 0.7 : 1)), // every other round
      0.05,
    );
    for (const { sustained, burst } of components) expect(sustained / burst).toBeCloseTo(1);
  });

  it("says that the machine is busy when its time is over and the figures still vary", async () => {
    const rating = await rateCores(
      cores((measurement) => 1 + (measurement % 7) / 5),
      0.05,
    );
    expect(rating.busy).toBe(true);
  });

  it("says so too when there was time for one round only, which has no spread", async () => {
    const rating = await rateCores(
      cores(() => 1),
      0,
    );
    expect(rating.busy).toBe(true);
  });

  it("tells how far it is", async () => {
    const told: number[] = [];
    await rateCores(
      cores(() => 1),
      100,
      ({ seconds, ofSeconds, scu }) => {
        expect(seconds).toBeLessThanOrEqual(ofSeconds);
        told.push(scu);
      },
    );
    expect(told.length).toBeGreaterThanOrEqual(8);
  });
});

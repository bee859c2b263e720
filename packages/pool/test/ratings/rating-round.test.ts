import { challengeFlops, type Offer } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { plainOffer } from "../../../../test/fixtures/scripted-agent.js";
import { RatingRound } from "../../src/services/ratings/rating-round.js";

const parts = { primitives, check: () => Promise.resolve(undefined) };
const refuse = () => Promise.resolve("product-wrong" as const);
const options = { challengeMs: 1_000, challengeSize: 256 };
const speeds = { fp32FlopsPerSecond: 1e9, fp16FlopsPerSecond: 4e9, memoryBytesPerSecond: 5e8 };
const offering = (change: Partial<Offer>): Offer => ({ ...plainOffer, speeds, ...change });

/** Answers what is asked next, in 2 s; the check finds nothing wrong. */
async function answer(round: RatingRound) {
  const { id, precision, challenge } = round.begin(0, 0);
  round.commit(id, new Uint8Array(32), 2_000);
  return { precision, flopsPerSecond: challengeFlops(challenge) / 2, result: await round.check(id, []) };
}

describe("a round of a GPU", () => {
  it("asks for FP32 and then for FP16, each as long by the agent's own word, and gives both rates", async () => {
    const round = new RatingRound(parts, offering({ class: "webgpu", engines: [] }), options);
    const [single, half] = [await answer(round), await answer(round)];
    expect([single.precision, single.result, half.precision]).toEqual(["fp32", "more", "fp16"]);
    expect(half.flopsPerSecond / single.flopsPerSecond).toBeCloseTo(4, 1);
    const rates = { fp32: Math.round(single.flopsPerSecond), fp16: Math.round(half.flopsPerSecond) };
    expect(half.result).toEqual({ reason: "proven", rates });
  });

  it("does not ask for FP16 where none is claimed", async () => {
    const { fp16FlopsPerSecond: _, ...without } = speeds;
    const round = new RatingRound(parts, offering({ class: "webgpu", engines: [], speeds: without }), options);
    expect((await answer(round)).result).toMatchObject({ reason: "proven", rates: { fp16: undefined } });
  });

  it("ends at the first product that is wrong", async () => {
    const round = new RatingRound({ primitives, check: refuse }, offering({ class: "webgpu", engines: [] }), options);
    expect((await answer(round)).result).toEqual({ reason: "product-wrong" });
  });
});

it("a round of cores asks for FP32 alone, whatever is claimed", async () => {
  expect((await answer(new RatingRound(parts, offering({}), options))).result).toMatchObject({ reason: "proven" });
});

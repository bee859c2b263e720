import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describePause, type LendingTerms, type OwnerSeen, pauseReason } from "../../src/market/lending.js";

const night: LendingTerms = { hours: [{ start: 1_320, end: 480 }], quietMs: 60_000 };
const atMidnight: OwnerSeen = { pausedByHand: false, minuteOfDay: 0, now: 500_000, activeAt: undefined };

const terms = fc.record({
  hours: fc.option(fc.array(fc.record({ start: fc.nat(1_439), end: fc.integer({ min: 1, max: 1_440 }) })), {
    nil: undefined,
  }),
  quietMs: fc.option(fc.nat(100_000), { nil: undefined }),
});
const seen = fc.record({
  pausedByHand: fc.boolean(),
  minuteOfDay: fc.nat(1_439),
  now: fc.integer({ min: 100_000, max: 300_000 }),
  activeAt: fc.option(fc.nat(100_000), { nil: undefined }),
});

describe("a machine", () => {
  it("is lent in its hours while its owner is away", () => {
    expect(pauseReason(night, atMidnight)).toBeUndefined();
    expect(pauseReason(night, { ...atMidnight, minuteOfDay: 481 })).toBe("outside-hours");
  });

  it("is lent again a quiet time after its owner was last seen, not before", () => {
    expect(pauseReason(night, { ...atMidnight, activeAt: 440_001 })).toBe("owner-active");
    expect(pauseReason(night, { ...atMidnight, activeAt: 440_000 })).toBeUndefined();
  });

  it("is not lent while its owner has paused it, whatever else holds", () => {
    fc.assert(
      fc.property(terms, seen, (said, now) => {
        expect(pauseReason(said, { ...now, pausedByHand: true })).toBe("paused-by-hand");
      }),
    );
  });

  it("is never lent outside its hours", () => {
    fc.assert(
      fc.property(terms, seen, (said, now) => {
        expect(pauseReason({ ...said, hours: [] }, now)).not.toBeUndefined();
      }),
    );
  });

  it("without terms is lent whenever its owner has not paused it", () => {
    fc.assert(
      fc.property(seen, (now) => {
        const said = pauseReason({ hours: undefined, quietMs: undefined }, now);
        expect(said).toBe(now.pausedByHand ? "paused-by-hand" : undefined);
      }),
    );
  });

  it("that is lent stays so while nothing happens but that time passes", () => {
    fc.assert(
      fc.property(terms, seen, fc.nat(100_000), (said, now, more) => {
        fc.pre(pauseReason(said, now) === undefined);
        expect(pauseReason(said, { ...now, now: now.now + more })).toBeUndefined();
        expect(pauseReason(said, { ...now, activeAt: undefined })).toBeUndefined();
      }),
    );
  });

  it("says why it is paused, and what ends it", () => {
    expect(describePause("paused-by-hand", night)).toContain("aegis agent resume");
    expect(describePause("outside-hours", night)).toContain("22:00-8:00");
    expect(describePause("owner-active", night)).toContain("60 s of quiet");
  });
});

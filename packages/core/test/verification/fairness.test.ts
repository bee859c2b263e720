import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairRejection, judge, noJudgements } from "../../src/index.js";

const judgement = fc.record({ accepted: fc.integer({ min: 0, max: 7 }), rejected: fc.integer({ min: 0, max: 7 }) });

/** A requester's judgements one after another; @returns runs judged, and those rejected without paying. */
function play(judgements: readonly { accepted: number; rejected: number }[]) {
  let [record, free, charged] = [noJudgements, 0, 0];
  for (const one of judgements) {
    const { isFair, record: next } = judge(record, one);
    record = next;
    if (isFair) free += one.rejected;
    else charged += one.rejected;
  }
  return { judged: record.judged, free, charged };
}

describe("a requester", () => {
  it("pays for what it accepts, and is believed about a fifth, or two while it is new", () => {
    expect(judge(noJudgements, { accepted: 1, rejected: 2 }).isFair).toBe(true);
    expect(judge(noJudgements, { accepted: 1, rejected: 3 }).isFair).toBe(false);
    expect(judge({ judged: 93, rejected: 19 }, { accepted: 6, rejected: 1 }).isFair).toBe(true);
    expect(judge({ judged: 92, rejected: 19 }, { accepted: 6, rejected: 1 }).isFair).toBe(false);
    expect(judge({ judged: 92, rejected: 92 }, { accepted: 3, rejected: 0 }).isFair).toBe(true);
  });

  it("never has more than a fair part of its runs for nothing, however it judges", () => {
    fc.assert(
      fc.property(fc.array(judgement, { maxLength: 300 }), (judgements) => {
        const { judged, free } = play(judgements);
        expect(free * fairRejection.oneIn).toBeLessThanOrEqual(Math.max(judged, fairRejection.newcomerRuns));
      }),
    );
  });

  it("that rejects everything is charged for all but the first two, for ever", () => {
    const { free, charged } = play(Array.from({ length: 500 }, () => ({ accepted: 0, rejected: 2 })));
    expect({ free, charged }).toEqual({ free: 2, charged: 998 });
  });

  it("whose tolerance was too small is believed again when it has accepted enough", () => {
    const wrong = Array.from({ length: 10 }, () => ({ accepted: 0, rejected: 3 }));
    const right = Array.from({ length: 41 }, () => ({ accepted: 3, rejected: 0 }));
    expect(play([...wrong, ...right, { accepted: 2, rejected: 1 }])).toMatchObject({ free: 1, charged: 30 });
    expect(play([...wrong, ...right.slice(2), { accepted: 2, rejected: 1 }])).toMatchObject({ free: 0 });
  });

  it("that judges honestly where one result in ten is wrong pays for hardly any of those", () => {
    // not as fast-check likes it, with many that are alike: each is one in ten
    const wrong = fc.noBias(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 3_000, maxLength: 3_000 }));
    fc.assert(
      fc.property(wrong, (draws) => {
        const judgements = Array.from({ length: 1_000 }, (_, task) => {
          const lies = draws.slice(task * 3, task * 3 + 3).filter((draw) => draw === 1).length;
          return lies < 2 ? { accepted: 3 - lies, rejected: lies } : { accepted: 0, rejected: 3 };
        });
        const { free, charged } = play(judgements);
        expect(charged).toBeLessThan((free + charged) * 0.2);
      }),
      { numRuns: 20 },
    );
  });
});

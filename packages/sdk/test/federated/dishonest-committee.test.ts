import { primitives } from "@aegis-pool/platform";
import { afterEach, describe, expect, it } from "vitest";
import { certify } from "../../../../test/fixtures/scripted-agent.js";
import { present } from "../../../../test/fixtures/present.js";
import { forgedKeys } from "./forgeries.js";
import { type RunInTest, runInTest } from "./participants.js";
import { alterAttempts, alterRound, endOfVictim, refusal, uploads } from "./victim.js";

let run: RunInTest;
afterEach(() => run.end());

describe("a participant whose pool has a committee", () => {
  it("that was not drawn refuses, and uploads nothing", async () => {
    run = await runInTest();
    run.pool.course.committee = (drawn, order) => [...drawn.slice(0, 3), present(order[6])];
    expect(await endOfVictim(run)).toMatchObject(refusal("a committee that was not drawn"));
    expect(uploads(run)).toBe(0);
  });

  it("in other places than were drawn refuses", async () => {
    run = await runInTest();
    run.pool.course.committee = (drawn) => drawn.toReversed();
    expect(await endOfVictim(run)).toMatchObject(refusal("a committee that was not drawn"));
  });

  it("for which too many were passed over refuses", async () => {
    run = await runInTest({ agents: 14 });
    run.pool.course.committee = (_drawn, order) => {
      run.pool.course.passedOver = order.slice(0, 9).map(({ agent }) => agent);
      return order.slice(9, 13);
    };
    expect(await endOfVictim(run)).toMatchObject(refusal("passed over too many"));
  });

  it("whose failed members were passed over takes part", async () => {
    run = await runInTest({ agents: 9 });
    run.pool.course.committee = (_drawn, order) => {
      run.pool.course.passedOver = order.slice(0, 4).map(({ agent }) => agent);
      return order.slice(4, 8);
    };
    expect(await endOfVictim(run)).toHaveLength(1);
  });

  it("with an agent that was passed over before refuses", async () => {
    run = await runInTest();
    run.pool.course.ending = (_round, attempt) => (attempt === 1 ? "aborted" : undefined);
    let calls = 0;
    run.pool.course.committee = (_drawn, order) => {
      run.pool.course.passedOver = [present(order[0]).agent];
      return calls++ === 0 ? order.slice(1, 5) : order.slice(0, 4);
    };
    expect(await endOfVictim(run)).toMatchObject(refusal("a committee that was not drawn"));
    expect(uploads(run)).toBe(1);
  });

  it("under other operators than have enrolled its agents refuses", async () => {
    run = await runInTest();
    run.pool.course.roster = (roster) => ({
      ...roster,
      candidates: roster.candidates.map((each) => ({ ...each, operator: primitives.randomBytes(32) })),
    });
    expect(await endOfVictim(run)).toMatchObject(refusal("another operator"));
  });

  it("of agents that the log does not know refuses", async () => {
    run = await runInTest();
    run.pool.lies.certificate = (agent) => certify(agent, run.pool.key.publicKey, 1);
    expect(await endOfVictim(run)).toMatchObject({
      code: "log-mismatch",
      message: expect.stringContaining("is enrolled") as string,
    });
    expect(uploads(run)).toBe(0);
  });

  it("whose keys it did not sign refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterAttempts(run, (attempt) => ({ ...attempt, keys: attempt.keys.toReversed() }));
    expect(await endOfVictim(run)).toMatchObject(refusal("did not sign"));
    expect(uploads(run)).toBe(0);
  });

  it("with other keys than before refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterAttempts(run, (attempt, { round }) => {
      const has = uploads(run) > 0 && attempt.keys.length === 4;
      return has ? { ...attempt, keys: forgedKeys(attempt, round, run) } : attempt;
    });
    expect(await endOfVictim(run)).toMatchObject(refusal("other keys"));
  });

  it("that changes within an attempt refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterAttempts(run, (attempt) => (uploads(run) > 0 ? { ...attempt, agents: attempt.agents.toReversed() } : attempt));
    expect(await endOfVictim(run)).toMatchObject(refusal("another committee for attempt 1"));
  });
});

describe("a participant whose pool asks", () => {
  it("for an update again with no word of the committee refuses, and uploads once", async () => {
    run = await runInTest();
    run.pool.course.again = (_round, attempt) => attempt === 1;
    expect(await endOfVictim(run)).toMatchObject(refusal("again without its committee's word"));
    expect(uploads(run)).toBe(1);
  });

  it("for an update again with the word of too few members refuses, and uploads once", async () => {
    run = await runInTest({ victim: 0 });
    run.pool.course.ending = (_round, attempt) => (attempt === 1 ? "aborted" : undefined);
    alterAttempts(run, (attempt) => ({
      ...attempt,
      groups: attempt.groups.map((group) =>
        group.phase === "aborted" ? { ...group, statements: group.statements.slice(0, 2) } : group,
      ),
    }));
    expect(await endOfVictim(run)).toMatchObject(refusal("again without its committee's word"));
    expect(uploads(run)).toBe(1);
  });

  it("for an update again where it says that the first was lost refuses, and uploads once", async () => {
    run = await runInTest({ victim: 0 });
    run.pool.course.ending = (_round, attempt) => (attempt === 1 ? "aborted" : undefined);
    alterAttempts(run, (attempt, { attempts }) => {
      const phase = attempts.length > 1 ? ("lost" as const) : ("agreeing" as const);
      const without = attempt.groups.map((group) => ({ ...group, phase, statements: [] }));
      return attempt.attempt === 1 && attempt.groups[0]?.phase === "aborted"
        ? { ...attempt, groups: without }
        : attempt;
    });
    expect(await endOfVictim(run)).toMatchObject(refusal("again without its committee's word"));
    expect(uploads(run)).toBe(1);
  });

  it("for attempts out of their order refuses", async () => {
    run = await runInTest({ victim: 0 });
    run.pool.course.ending = (_round, attempt) => (attempt < 3 ? "aborted" : undefined);
    alterRound(run, (round) => ({ ...round, attempts: round.attempts.toReversed() }));
    expect(await endOfVictim(run)).toMatchObject(refusal("out of their order"));
  });

  it("for an earlier attempt again refuses", async () => {
    run = await runInTest({ victim: 0 });
    run.pool.course.ending = (_round, attempt) => (attempt === 1 ? "aborted" : undefined);
    alterRound(run, (round) => (uploads(run) > 1 ? { ...round, attempts: round.attempts.slice(0, 1) } : round));
    expect(await endOfVictim(run)).toMatchObject(refusal("takes back attempt 2"));
  });

  it("for another number of values than the plan has refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterRound(run, (round) => ({ ...round, length: 4 }));
    expect(await endOfVictim(run)).toMatchObject(refusal("asks for 4 values"));
    expect(uploads(run)).toBe(0);
  });
});

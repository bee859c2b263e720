import { type AttemptView, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { participate } from "../../src/index.js";
import { forgedSum } from "./forgeries.js";
import { type RunInTest, runInTest } from "./participants.js";
import { alterAttempts, alterView, endOfVictim, refusal, uploads } from "./victim.js";

let run: RunInTest;
afterEach(() => run.end());

describe("a participant whose pool hands out", () => {
  it("another sum to it alone refuses", async () => {
    run = await runInTest({ victim: 0 });
    run.pool.lies.file = (bytes, to) => (to === "victim" ? bytes.map((byte) => byte ^ 1) : bytes);
    expect(await endOfVictim(run)).toMatchObject(refusal("another file"));
  });

  it("an endless file stops reading", async () => {
    run = await runInTest({ victim: 0 });
    run.pool.lies.file = (bytes, to) => (to === "victim" ? new Uint8Array(100_000) : bytes);
    expect(await endOfVictim(run)).toMatchObject(refusal("more than the 12 bytes"));
  });

  it("a crafted sum that no member has signed refuses", async () => {
    run = await runInTest({ victim: 0 });
    const crafted = new Uint8Array(12).fill(7);
    run.pool.runOf(run.created.owned.run).files.set(toHex(primitives.sha256(crafted)), crafted);
    alterAttempts(run, (attempt, { round }) => ({
      ...attempt,
      groups: attempt.groups.map((group) =>
        group.phase === "summed" ? { ...group, statements: forgedSum(crafted, group, attempt, round, run) } : group,
      ),
    }));
    expect(await endOfVictim(run)).toMatchObject(refusal("no quorum"));
  });

  it("a sum that too few members have signed refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterAttempts(run, (attempt) => ({
      ...attempt,
      groups: attempt.groups.map((group) => ({ ...group, statements: group.statements.slice(0, 2) })),
    }));
    expect(await endOfVictim(run)).toMatchObject(refusal("no quorum"));
  });

  it("the sum of an earlier round again refuses", async () => {
    run = await runInTest({ victim: 0 });
    let first: AttemptView["groups"] | undefined;
    alterAttempts(run, (attempt, { round }) => {
      if (round === 1 && attempt.groups[0]?.phase === "summed") first ??= attempt.groups;
      return round === 2 && first && attempt.groups[0]?.phase === "summed" ? { ...attempt, groups: first } : attempt;
    });
    expect(await endOfVictim(run, 2)).toMatchObject(refusal("no quorum"));
  });

  it("that a sum was lost, which was not, sends nothing more: the pool would have two sums of the same values", async () => {
    run = await runInTest({ participants: 6, victim: 0 });
    alterAttempts(run, (attempt, { round }) => ({
      ...attempt,
      groups: attempt.groups.map((group) =>
        round === 1 && group.phase === "summed" ? { ...group, phase: "lost", statements: [] } : group,
      ),
    }));
    expect(await endOfVictim(run, 2)).toMatchObject({ code: "federated-failed" });
    expect(uploads(run)).toBe(1);
  });

  it("a sum of fewer than the floor refuses", async () => {
    run = await runInTest({ participants: 6, floor: 6 });
    run.pool.course.floor = 5;
    run.pool.course.absent = [5];
    const last = new AbortController();
    const absent = run.join(5, 1, {
      signal: last.signal,
      onEvent: ({ type }) => void (type === "drawn" && last.abort()),
    });
    const joined = run.invitations.slice(0, 5).map((_, at) => run.join(at, 1));
    await absent.catch(() => undefined);
    const ends = await Promise.allSettled(joined);
    const reason: unknown = ends[0]?.status === "rejected" ? ends[0].reason : undefined;
    expect(reason).toMatchObject(refusal("fewer participants than the run's floor"));
  });

  it("a round without one of its groups refuses", async () => {
    run = await runInTest({ participants: 10, groups: 2, victim: 0 });
    alterAttempts(run, (attempt) => {
      const isOver = attempt.groups.every(({ phase }) => phase === "summed");
      return isOver ? { ...attempt, groups: attempt.groups.slice(0, 1) } : attempt;
    });
    expect(await endOfVictim(run)).toMatchObject({ code: "federated-refused" });
  });

  it("a round as over that is not refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) => (view.round ? { ...view, rounds: 1, round: { ...view.round, round: 2 } } : view));
    run.pool.course.absent = [];
    run.pool.lies.round = (round) => ({ ...round, attempts: [] });
    expect(await endOfVictim(run)).toMatchObject(refusal("as over, which it is not"));
  });
});

/** So fine a quantum that five participants reach 2^31. */
function* large() {
  yield { name: "large", parts: [{ name: "values", values: Float64Array.of(1), quantum: 1e-9, limit: 1 }] };
}

describe("a participant whose plan", () => {
  const terms = { code: "federated-failed" };

  it("asks for more rounds than the terms allow stops", async () => {
    run = await runInTest({ rounds: 1 });
    expect(await endOfVictim(run, 2)).toMatchObject({
      ...terms,
      message: expect.stringContaining("more than the 1 sums") as string,
    });
  });

  it("asks for more values than the terms allow stops before it says anything of them", async () => {
    run = await runInTest({ values: 2 });
    expect(await endOfVictim(run)).toMatchObject({ ...terms, message: expect.stringContaining("3 values") as string });
    expect(run.pool.heard.filter(({ path }) => path.endsWith("/ready"))).toEqual([]);
  });

  it("could overflow stops", async () => {
    run = await runInTest();
    const join = () => participate(present(run.invitations[0]), large(), { statePath: run.statePath(0) });
    const message = expect.stringContaining("overflow") as string;
    expect(await endOfVictim(run, 1, join)).toMatchObject({ ...terms, message });
  });

  it("fails by itself says why, and sends nothing", async () => {
    run = await runInTest();
    let isEnded = false;
    function* failing() {
      try {
        yield { name: "wrong", parts: [{ name: "values", values: Float64Array.of(Number.NaN), quantum: 1, limit: 1 }] };
      } finally {
        isEnded = true;
      }
    }
    run.pool.lies.view = (view) => (view.round ? { ...view, round: { ...view.round, length: 1 } } : view);
    const join = () => participate(present(run.invitations[0]), failing(), { statePath: run.statePath(0) });
    const message = expect.stringContaining("only finite values can be summed") as string;
    expect(await endOfVictim(run, 1, join)).toMatchObject({ message });
    expect(isEnded).toBe(true);
    expect(run.pool.heard.filter(({ method, path }) => method === "PUT" && path.includes("/files/"))).toHaveLength(0);
  });
});

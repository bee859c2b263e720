import { readFile, writeFile } from "node:fs/promises";
import { type Procedure, toHex } from "@aegis-pool/core";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { observe, participate } from "../../src/index.js";
import { counting, type RunInTest, runInTest } from "./participants.js";

let run: RunInTest;
afterEach(() => run.end());

const joinAll = (rounds: number) => Promise.all(run.invitations.map((_, place) => run.join(place, rounds)));
/** What all of `count` participants count to. */
const counted = (rounds: number, count = 5) =>
  Array.from({ length: rounds }, (_, index) => {
    const all = (count * (count + 1)) / 2;
    return [{ participants: count, parts: [Float64Array.of(all * (index + 1), -all, count)] }];
  });
const heardOf = (place: number, type: string) => run.events.get(place)!.filter((event) => event.type === type);

/** Joins with all, and stops participant 0 as soon as `type` has happened to it. */
const interruptedAt = async (type: string, rounds: number) => {
  const signal = new AbortController();
  const first = run.join(0, rounds, {
    signal: signal.signal,
    onEvent: (event) => void (event.type === type && signal.abort()),
  });
  const others = run.invitations.slice(1).map((_, index) => run.join(index + 1, rounds));
  await expect(first).rejects.toMatchObject({ code: "cancelled" });
  return { again: run.join(0, rounds), others };
};

/** One sum of nothing but noise. */
function* noisy(): Procedure<number> {
  const part = { name: "values", values: new Float64Array(3), quantum: 1, limit: 10, noiseVariance: 4 };
  const [sum] = yield { name: "noisy", parts: [part] };
  return sum?.parts[0]?.[0] ?? 0;
}

describe("participants of a run", () => {
  it("all get what all have added, round after round", async () => {
    run = await runInTest();
    const results = await joinAll(2);
    expect(results).toEqual(results.map(() => counted(2)));
  });

  it("are summed in the groups that the draw gives them", async () => {
    run = await runInTest({ participants: 10, groups: 2 });
    const results = await joinAll(1);
    expect(results).toEqual(results.map(() => results[0]));
    const groups = results[0]?.[0] ?? [];
    expect(groups.map(({ participants }) => participants)).toEqual([5, 5]);
    expect(groups.reduce((sum, { parts }) => sum + (parts[0]?.[0] ?? 0), 0)).toBe(55);
  });

  it("upload again, and the same sum comes out, where a committee has signed that the first attempt comes to nothing", async () => {
    run = await runInTest();
    run.pool.course.ending = (_round, attempt) => (attempt === 1 ? "aborted" : undefined);
    expect(await joinAll(1)).toEqual(Array.from({ length: 5 }, () => counted(1)));
    expect(heardOf(0, "uploaded")).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
    expect(heardOf(0, "aborted")).toEqual([{ type: "aborted", round: 1, attempt: 1 }]);
  });

  it("draw their noise once, however often they upload", async () => {
    run = await runInTest();
    run.pool.course.ending = (_round, attempt) => (attempt === 1 ? "aborted" : undefined);
    let draws = 0;
    const addNoise = (into: Int32Array) => into.set(into.map((value) => value + ++draws));
    const join = (place: number) =>
      participate(present(run.invitations[place]), noisy(), { statePath: run.statePath(place), addNoise });
    // Three values of each of five: 15 draws, and each value's sum is that of every third.
    const results = await Promise.all([0, 1, 2, 3, 4].map(join));
    expect(draws).toBe(15);
    expect(results).toEqual(Array.from({ length: 5 }, () => 1 + 4 + 7 + 10 + 13));
  });

  it("end where a sum is lost that they have sent values for without noise: nearly the same values are never sent again", async () => {
    run = await runInTest();
    run.pool.course.ending = (round) => (round === 1 ? "lost" : undefined);
    const ends = await Promise.allSettled([0, 1, 2, 3, 4].map((place) => present(run).join(place, 2)));
    const message = expect.stringContaining("was lost or spoiled after values were sent") as string;
    const failed = {
      status: "rejected",
      reason: expect.objectContaining({ code: "federated-failed", message }) as unknown,
    };
    expect(ends).toMatchObject(Array.from({ length: 5 }, () => failed));
    expect(heardOf(0, "uploaded")).toMatchObject([{ round: 1 }]);
  });

  it("go on where a sum of noised values is lost, without that sum", async () => {
    run = await runInTest();
    run.pool.course.ending = () => "lost";
    const join = (place: number) =>
      participate(present(run.invitations[place]), noisy(), {
        statePath: run.statePath(place),
        addNoise: () => undefined,
      });
    expect(await Promise.all([0, 1, 2, 3, 4].map(join))).toEqual(Array.from({ length: 5 }, () => 0));
  });

  it("draw anew with other parts where a draw fails", async () => {
    run = await runInTest();
    run.pool.course.failingDraws = 1;
    expect(await joinAll(1)).toEqual(Array.from({ length: 5 }, () => counted(1)));
    expect(new Set(heardOf(0, "revealed").map((event) => JSON.stringify(event))).size).toBe(2);
  });

  it("go on with the others where one never uploads", async () => {
    run = await runInTest({ participants: 6 });
    run.pool.course.absent = [5];
    const signal = new AbortController();
    const absent = run.join(5, 1, {
      signal: signal.signal,
      onEvent: ({ type }) => void (type === "drawn" && signal.abort()),
    });
    const all = run.invitations.slice(0, 5).map((_, place) => run.join(place, 1));
    await expect(absent).rejects.toMatchObject({ code: "cancelled" });
    expect(await Promise.all(all)).toEqual(Array.from({ length: 5 }, () => counted(1)));
  });

  it("survive a pool that drops connections", async () => {
    run = await runInTest();
    let asked = 0;
    run.pool.lies.drops = () => ++asked % 7 === 0;
    expect(await joinAll(1)).toEqual(Array.from({ length: 5 }, () => counted(1)));
  });

  it("add nothing of theirs to what the pool hears but masked words", async () => {
    run = await runInTest();
    await joinAll(1);
    const puts = run.pool.heard.filter(({ method }) => method === "PUT").map(({ body }) => body);
    const plain = Array.from({ length: 5 }, (_, own) =>
      toHex(new Uint8Array(Int32Array.of(own + 1, -own - 1, 1).buffer)),
    );
    expect(puts).toHaveLength(5);
    expect(puts.map((body) => body.length)).toEqual([12, 12, 12, 12, 12]);
    for (const { body } of run.pool.heard) for (const each of plain) expect(toHex(body)).not.toContain(each);
  });
});

describe("a participant that is started again", () => {
  it("goes on under the same key after it was enrolled, and gets the same sums", async () => {
    run = await runInTest();
    const { again, others } = await interruptedAt("enrolled", 2);
    expect(await again).toEqual(counted(2));
    expect(await Promise.all(others)).toEqual(Array.from({ length: 4 }, () => counted(2)));
  });

  it("does not upload again for a round for which it had uploaded", async () => {
    run = await runInTest({ participants: 6 });
    run.pool.course.ending = (_round, attempt) => {
      run.pool.course.absent = [0];
      return attempt === 1 ? "aborted" : undefined;
    };
    const { again, others } = await interruptedAt("uploaded", 1);
    const withoutIt = [[{ participants: 5, parts: [Float64Array.of(20, -20, 5)] }]];
    expect(await Promise.all([again, ...others])).toEqual(Array.from({ length: 6 }, () => withoutIt));
    expect(heardOf(0, "left-out")).toEqual([{ type: "left-out", round: 1, why: "restarted" }]);
    expect(heardOf(0, "uploaded")).toEqual([]);
  });

  it("catches up with rounds that are over", async () => {
    run = await runInTest();
    await joinAll(3);
    expect(await run.join(2, 3)).toEqual(counted(3));
    expect(heardOf(2, "uploaded")).toHaveLength(3);
  });

  it("refuses a state file that was changed", async () => {
    run = await runInTest();
    await joinAll(1);
    const state = await readFile(run.statePath(0), "utf8");
    await writeFile(run.statePath(0), state.replace('"version": 1', '"version": 2'));
    await expect(run.join(0, 1)).rejects.toMatchObject({ code: "key-unreadable" });
  });
});

describe("who observes a run", () => {
  it("gets what its participants get, from the owner's file or an invitation", async () => {
    run = await runInTest();
    const observed = observe(run.created.owned, counting(0, 2));
    await joinAll(2);
    expect(await observed).toEqual(counted(2));
    expect(await observe(present(run.invitations[0]), counting(0, 2))).toEqual(counted(2));
  });

  it("is told that a run has ended where its plan asks for more", async () => {
    run = await runInTest();
    await joinAll(1);
    await expect(observe(run.created.owned, counting(0, 2))).rejects.toMatchObject({ code: "federated-failed" });
  });
});

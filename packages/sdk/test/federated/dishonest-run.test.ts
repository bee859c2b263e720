import type { RunView } from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { afterEach, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { writePlan } from "../../src/federated/plan.js";
import { participate } from "../../src/index.js";
import { counting, type RunInTest, runInTest } from "./participants.js";
import { alterView, endOfVictim, refusal } from "./victim.js";

let run: RunInTest;
afterEach(() => run.end());

describe("a participant whose pool shows", () => {
  it("a run in a form that is not known refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) => ({ ...view, more: 1 }) as RunView);
    expect(await endOfVictim(run)).toMatchObject(refusal("in a form that is not known"));
  });

  it("another run refuses", async () => {
    run = await runInTest({ victim: 0 });
    const other = await run.another();
    alterView(run, () => run.pool.runOf(other.owned.run).view());
    expect(await endOfVictim(run)).toMatchObject(refusal("shows another run"));
  });

  it("a run of another plan refuses", async () => {
    run = await runInTest();
    const invitation = { ...present(run.invitations[0]), plan: writePlan({ name: "counting", settings: {} }) };
    const joined = participate(invitation, counting(1, 1), { statePath: run.statePath(0) });
    await expect(joined).rejects.toMatchObject(refusal("of another plan"));
  });

  it("other seats than the terms name refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) => ({ ...view, seats: view.seats.with(4, primitives.randomBytes(32)) }));
    expect(await endOfVictim(run)).toMatchObject(refusal("other seats"));
  });

  it("other terms later on refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) =>
      view.phase === "running" ? { ...view, terms: { ...view.terms, body: view.terms.body.slice(1) } } : view,
    );
    expect(await endOfVictim(run)).toMatchObject(refusal("other terms"));
  });

  it("a run that has failed says why", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) => (view.round ? { ...view, phase: "failed", reason: "no agents are left" } : view));
    expect(await endOfVictim(run)).toMatchObject({
      code: "federated-failed",
      message: expect.stringContaining("no agents") as string,
    });
  });

  it("a run that has ended before its draw says so", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, ({ roster: _none, ...view }) => ({ ...view, phase: "ended" }));
    expect(await endOfVictim(run)).toMatchObject({
      code: "federated-failed",
      message: expect.stringContaining("before its draw") as string,
    });
  });

  it("a run that ends before its plan says so", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) => (view.rounds > 0 ? { ...view, phase: "ended" } : view));
    expect(await endOfVictim(run, 2)).toMatchObject({ code: "federated-failed" });
  });
});

describe("a participant whose pool draws", () => {
  it("from a roster that is not in the log refuses, and shows nothing", async () => {
    run = await runInTest();
    run.pool.course.logs = false;
    expect(await endOfVictim(run)).toMatchObject({ code: "log-mismatch" });
    expect(run.pool.heard.filter(({ path }) => path.endsWith("/reveals"))).toEqual([]);
  });

  it("from a roster with strangers in its seats refuses", async () => {
    run = await runInTest();
    run.pool.course.roster = (roster) => ({
      ...roster,
      participants: roster.participants
        .map((each) => ({ ...each, seat: primitives.randomBytes(32) }))
        .toSorted((a, b) => Buffer.compare(a.seat, b.seat)),
    });
    expect(await endOfVictim(run)).toMatchObject(refusal("a roster that is not one of this run"));
  });

  it("with somebody else in its seat refuses", async () => {
    run = await runInTest();
    run.pool.course.roster = (roster) => ({
      ...roster,
      participants: roster.participants.map((each) => ({ ...each, participant: createEd25519Signer().publicKey })),
    });
    expect(await endOfVictim(run)).toMatchObject(refusal("another participant in this seat"));
  });

  it("from a second roster refuses, and shows its part for the first alone", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) => {
      const shown = run.events.get(0)!.some(({ type }) => type === "revealed");
      return shown && view.roster
        ? { ...view, phase: "drawing", roster: { ...view.roster, body: view.roster.body.map((byte) => byte ^ 1) } }
        : view;
    });
    expect(await endOfVictim(run)).toMatchObject(refusal("a second roster"));
  });

  it("again with a part that it has shown refuses, also after a restart, and shows it for no second roster", async () => {
    run = await runInTest();
    const signal = new AbortController();
    const stop = {
      signal: signal.signal,
      onEvent: ({ type }: { type: string }) => void (type === "revealed" && signal.abort()),
    };
    const joined = run.invitations.map((_, at) => run.join(at, 1, at === 0 ? stop : { signal: signal.signal }));
    const [first] = await Promise.allSettled(joined);
    expect(first).toMatchObject({ reason: { code: "cancelled" } });
    const before = run.pool.heard.filter(({ path }) => path.endsWith("/reveals")).length;
    run.pool.course.roster = (roster) => ({ ...roster, candidates: roster.candidates.slice(1) });
    run.pool.runOf(run.created.owned.run).start(); // another draw, with the seats as they are
    await expect(run.join(0, 1)).rejects.toMatchObject(refusal("a part that it has seen already"));
    expect(run.pool.heard.filter(({ path }) => path.endsWith("/reveals"))).toHaveLength(before);
  });

  it("more than twice refuses", async () => {
    run = await runInTest();
    run.pool.course.failingDraws = 2;
    expect(await endOfVictim(run)).toMatchObject(refusal("more than 2 times"));
  });

  it("with parts that were not committed to refuses", async () => {
    run = await runInTest({ victim: 0 });
    alterView(run, (view) =>
      view.phase === "running" ? { ...view, nonces: view.nonces.with(4, primitives.randomBytes(32)) } : view,
    );
    expect(await endOfVictim(run)).toMatchObject(refusal("parts of the draw"));
  });
});

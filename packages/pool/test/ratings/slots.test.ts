import { primitives } from "@aegis-pool/platform";
import { fastify } from "fastify";
import { describe, expect, it, vi } from "vitest";
import { plainOffer } from "../../../../test/fixtures/scripted-agent.js";
import { Holdings } from "../../src/services/market/holdings.js";
import type { AgentSession } from "../../src/services/market/live.js";
import { Ratings } from "../../src/services/ratings/ratings.js";

type Sent = Parameters<AgentSession["send"]>[0];

/** A connected agent that would take one task, and what it was sent. */
function session(id: string, change: Partial<AgentSession> = {}) {
  const send = vi.fn<(message: Sent) => void>();
  const connected = {
    ...{ id, offer: plainOffer, wanted: 1, slotSpeed: 0, provenSpeed: 0, challenged: false, send },
    roundTripMs: () => Promise.resolve(0),
    ...change,
  };
  return { session: connected as AgentSession, send };
}

/** Ratings of these agents, with a slot called. */
async function slotAmong(sessions: readonly AgentSession[], holdings = new Holdings()): Promise<void> {
  const ratings = new Ratings(
    {
      ...{
        primitives,
        check: () => Promise.resolve(undefined),
        commit: { submit: () => Promise.resolve(undefined as never) },
      },
      market: { sessions: new Map(sessions.map((each) => [each.id, each])), holdings, now: () => 0 },
      ...{
        log: fastify().log,
        options: { challengeMs: 1_000, challengeSize: 256 },
        onRoom: () => undefined,
      },
    },
    [],
  );
  ratings.callSlot();
  await Promise.resolve(); // each challenge waits for its agent's round trip
  await Promise.resolve();
}

describe("a slot", () => {
  it("calls those that are idle, and leaves those alone that work", async () => {
    const [idle, busy] = [session("idle"), session("busy")];
    const holdings = new Holdings();
    holdings.add("busy", 7);
    await slotAmong([idle.session, busy.session], holdings);
    expect(idle.send).toHaveBeenCalledWith(expect.objectContaining({ type: "speed-challenge" }));
    expect([idle.session.challenged, busy.session.challenged]).toEqual([true, false]);
    expect(busy.send).not.toHaveBeenCalled();
  });

  it("leaves those alone whose owner uses the machine, and those that compute a proof already", async () => {
    const [paused, proving] = [session("paused", { wanted: 0 }), session("proving", { challenged: true })];
    await slotAmong([paused.session, proving.session]);
    expect(paused.send).not.toHaveBeenCalled();
    expect(proving.send).not.toHaveBeenCalled();
  });
});

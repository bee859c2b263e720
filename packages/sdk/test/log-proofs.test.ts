import { EventEmitter, once } from "node:events";
import { protocolLimits } from "@aegis-pool/core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HttpAnswer } from "../../../test/fixtures/altering-proxy.js";
import { startRecordingProxy, type Verdict } from "../../../test/fixtures/recording-proxy.js";
import { ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { dishonestPool, oneTask } from "./fixtures.js";

const { pool, proxy } = dishonestPool();

/** What a requester asks before it hands out a key: where an agent stands in the log, and the proof of it. */
const questions = { agent: "/v1/agents/", proof: "/v1/log/inclusion" } as const;

/** A task that was matched with an agent, its requester behind `url`; what it releases and whom it distrusts is told. */
async function matchedTask(url: string) {
  const { agent, link } = await ScriptedAgent.ready(pool());
  const events = new EventEmitter<{ answered: [{ type: string; reason?: string }]; distrusted: [string] }>();
  const answered = once(events, "answered").then(([message]) => message as { type: string; reason?: string });
  const distrusted = once(events, "distrusted").then(([reason]) => reason as string);
  proxy().alter.fromReleaser = (message) => {
    if (message.type === "withhold" || message.type === "release") events.emit("answered", message);
    return [message];
  };
  const job = await oneTask(
    { url },
    { operators: [agent.operator], onDistrust: (reason) => void events.emit("distrusted", reason) },
  );
  onTestFinished(() => job.cancel());
  await agent.take();
  /** What the agent gets in the end: its key, or the news that the task is no longer its own. */
  const outcome = Promise.race([link.next("key"), link.next("revoke")]);
  return { answered, distrusted, outcome };
}

const json = (body: unknown): Partial<HttpAnswer> => ({ body: Buffer.from(JSON.stringify(body)) });
const notFound = json({ error: { code: "not-found", message: "No.", next: "No." } });

describe("an agent gets no key, and is distrusted, from a requester whose pool", () => {
  it.each<[string, keyof typeof questions, (honest: object) => Partial<HttpAnswer>]>([
    ["says that there is no such agent", "agent", () => ({ status: 404, ...notFound })],
    ["says that it is revoked", "agent", (honest) => json({ ...honest, revoked: true })],
    ["names another place in the log", "agent", (honest) => json({ ...honest, logIndex: 0 })],
    ["names no place in the log", "agent", () => json({})],
    ["answers about the agent with no JSON", "agent", () => ({ body: Buffer.from("yes") })],
    ["fails at the proof", "proof", () => ({ status: 500, body: Buffer.from("Internal Server Error") })],
    ["says that there is no proof", "proof", () => ({ status: 404, ...notFound })],
    ["sends a proof that is no JSON", "proof", () => ({ body: Buffer.from("<html>") })],
    ["sends no proof", "proof", () => json({})],
    ["sends a proof that is no list", "proof", () => json({ proof: "AAAA" })],
    ["sends a proof of no hashes", "proof", () => json({ proof: [1, null, {}] })],
    ["sends a proof of other hashes", "proof", () => json({ proof: ["A".repeat(43), "B".repeat(43)] })],
    ["redirects the question elsewhere", "proof", () => ({ status: 307, headers: { location: "/v1/pool" } })],
  ])("%s", async (_what, question, answerWith) => {
    proxy().alter.answer = ({ path }, answer) => {
      if (!path.startsWith(questions[question])) return answer;
      return { ...answer, ...answerWith(JSON.parse(String(answer.body)) as object) };
    };
    const { answered, distrusted, outcome } = await matchedTask(proxy().url);
    expect(await answered).toMatchObject({ type: "withhold", reason: "not-in-log" });
    expect(await distrusted).toBe("not-in-log");
    expect(await outcome).toMatchObject({ type: "revoke" });
  });

  /** Another way to the pool, on which the first question of this kind meets `verdict`. */
  async function obstructed(question: keyof typeof questions, verdict: Verdict) {
    const wire = await startRecordingProxy(proxy().url);
    onTestFinished(() => wire.stop());
    const events = new EventEmitter<{ asked: [] }>();
    const asked = once(events, "asked");
    wire.judge = (piece) => {
      if (!piece.toString("latin1").startsWith(`GET ${questions[question]}`)) return "pass";
      events.emit("asked");
      return verdict;
    };
    return { wire, asked };
  }

  it.each(["agent", "proof"] as const)("hangs up when asked about its %s", async (question) => {
    const { wire } = await obstructed(question, "cut");
    const { answered, distrusted, outcome } = await matchedTask(wire.url);
    expect(await answered).toMatchObject({ type: "withhold", reason: "not-in-log" });
    expect(await distrusted).toBe("not-in-log");
    expect(await outcome).toMatchObject({ type: "revoke" });
  });

  it.each(["agent", "proof"] as const)("never answers when asked about its %s", async (question) => {
    const { wire, asked } = await obstructed(question, "hold");
    const { distrusted, outcome } = await matchedTask(wire.url);
    await asked;
    pool().clock.advance(protocolLimits.keySilenceMs);
    expect(await outcome).toMatchObject({ type: "revoke", reason: "key-silence" });
    await wire.stop();
    expect(await distrusted).toBe("not-in-log");
  });
});

it("an agent whose enrolment the pool proves gets its key", async () => {
  const { answered, outcome } = await matchedTask(proxy().url);
  expect(await answered).toMatchObject({ type: "release" });
  expect(await outcome).toMatchObject({ type: "key" });
});

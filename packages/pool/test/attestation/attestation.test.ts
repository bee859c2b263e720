import { amdRoots, type AttestationEvidence, protocolLimits, toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import {
  type Change,
  ProcessorMaker,
  plainMeasurement,
  plainTcb,
} from "../../../../test/fixtures/attestation/maker.js";
import { present } from "../../../../test/fixtures/present.js";
import { agentKeys, type AgentSetup, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool, startTestPool } from "../../../../test/fixtures/test-pool.js";

type JobOptions = Parameters<typeof ScriptedRequester.create>[1] & {};

const maker = new ProcessorMaker();
const chip = maker.chip();
const pool = sharedPool(undefined, { attestationRoots: maker.roots });

/** What the pool answers to an agent that shows this. */
async function answerTo(attest: AgentSetup["attest"], at = pool()) {
  const agent = await ScriptedAgent.enrolled(at, { attest });
  const link = await agent.open();
  const nonce = new Uint8Array(32);
  link.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce });
  link.send(await agent.prove(await link.next("challenge"), nonce));
  return Promise.race([link.next("welcome"), link.next("error")]);
}

const refusal = (name: string) => ({
  type: "error",
  code: "attestation-refused",
  message: expect.stringContaining(`${name}: `) as string,
});

const debugged: Change = (report) => report.writeUInt32LE(0xb0000, 8);

describe("an agent's attestation", () => {
  it("may be missing, and is taken where it is in order", async () => {
    expect(await answerTo(undefined)).toMatchObject({ type: "welcome" });
    expect(await answerTo((session) => chip.evidence(session))).toMatchObject({ type: "welcome" });
  });

  it("is refused when it is bound to the session before this one", async () => {
    const shown: AttestationEvidence[] = [];
    const keys = agentKeys();
    const attest: AgentSetup["attest"] = (session) => {
      shown.push(chip.evidence(session));
      return present(shown[0]);
    };
    const first = await ScriptedAgent.enrolled(pool(), { keys, attest });
    await first.connect();
    const link = await first.open();
    const nonce = new Uint8Array(32);
    link.send({ type: "hello", agent: keys.agent.publicKey, nonce });
    link.send(await first.prove(await link.next("challenge"), nonce));
    expect(await link.next("error")).toMatchObject(refusal("wrong-session"));
  });

  it("is refused when it is another agent's, or was made for another pool", async () => {
    const other = new Uint8Array(32).fill(7);
    expect(await answerTo((session) => chip.evidence({ ...session, agent: other }))).toMatchObject(
      refusal("wrong-session"),
    );
    expect(await answerTo((session) => chip.evidence({ ...session, pool: other }))).toMatchObject(
      refusal("wrong-session"),
    );
  });

  it("is refused when its host may debug the machine", async () => {
    expect(await answerTo((session) => chip.evidence(session, debugged))).toMatchObject(refusal("debug-allowed"));
  });

  it("is refused when nothing is in it", async () => {
    expect(await answerTo(() => ({ report: new Uint8Array(1), certificates: [] }))).toMatchObject(
      refusal("report-length"),
    );
  });

  it("is refused unread when it is larger than any can be", async () => {
    const { certificates } = chip;
    const large = () => ({ report: new Uint8Array(4_097), certificates });
    expect(await answerTo(large)).toMatchObject({ type: "error", code: "not-a-message" });
  });

  it("of 10 MB ends the connection", async () => {
    const agent = await ScriptedAgent.enrolled(pool(), {
      attest: (session) => ({ ...chip.evidence(session), report: new Uint8Array(10_000_000) }),
    });
    expect(protocolLimits.frameBytes).toBeLessThan(10_000_000);
    const link = await agent.open();
    const nonce = new Uint8Array(32);
    link.send({ type: "hello", agent: agent.keys.agent.publicKey, nonce });
    link.send(await agent.prove(await link.next("challenge"), nonce));
    expect(await link.closed).not.toBe("");
  });

  it("by the chips of anybody but AMD is refused by a pool that was told nothing else", async () => {
    const plain = await startTestPool();
    expect(amdRoots.map(({ publicKey }) => publicKey)).not.toContain(maker.roots[0]?.publicKey);
    expect(await answerTo((session) => chip.evidence(session), plain)).toMatchObject(refusal("root-unknown"));
    await plain.stop();
  });
});

const asked = (rest: object = {}): Pick<JobOptions, "verify"> => ({
  verify: { policy: "attested", measurements: [toHex(plainMeasurement)], ...rest },
});

describe("a task for attested machines", () => {
  it("goes to one that has proven what it lists, and to no other", async () => {
    const { agent: plain } = await ScriptedAgent.ready(pool(), { leases: 2 });
    const job = await ScriptedRequester.create(pool().client, asked());
    await job.connect();
    await job.submit(["secret"]);
    const [waiting] = await pool().client.whyWaiting(job.secret.signer, plain.id);
    expect(waiting?.agent).toBe("attested");
    const { agent } = await ScriptedAgent.ready(pool(), { attest: (session) => chip.evidence(session) });
    const task = await agent.take();
    expect(task.manifest.requirements.verification).toMatchObject({ policy: "attested" });
  });

  it.each<[string, object]>([
    ["was started with something else", { measurements: ["00".repeat(48)] }],
    ["is on older firmware than it names", { leastTcb: { Milan: { snp: plainTcb.snp + 1 } } }],
    ["is of a kind that it does not name", { leastTcb: { Genoa: {} } }],
  ])("does not go to a machine that %s, and says so", async (_what, rest) => {
    const { agent } = await ScriptedAgent.ready(pool(), { attest: (session) => chip.evidence(session) });
    const job = await ScriptedRequester.create(pool().client, { ...asked(rest), operators: [agent.operator] });
    await job.connect();
    await job.submit(["secret"]);
    const [waiting] = await pool().client.whyWaiting(job.secret.signer, agent.id);
    expect(waiting).toMatchObject({ agent: "attested", agents: { attested: 1 } });
    const metrics = await (await fetch(new URL("/metrics", pool().url))).text();
    expect(metrics).toMatch(/^aegis_pairs\{reason="attested"\} [1-9]/m);
    await pool().client.cancel(job.secret.signer);
  });

  it("is not run again by others, and its run is bound to nothing", async () => {
    const { agent, link } = await ScriptedAgent.ready(pool(), { attest: (session) => chip.evidence(session) });
    const job = await ScriptedRequester.create(pool().client, { ...asked(), operators: [agent.operator] });
    const releaser = await job.connect();
    await job.submit(["secret"]);
    const task = await agent.take();
    await job.releaseNext(releaser);
    const keys = present(await agent.keysOf(task));
    agent.answer(task, keys);
    expect(await link.next("settled")).toMatchObject({ number: task.number });
    expect(releaser.unread("replicate")).toBe(0);
  });
});

it("a job that asks for attested machines is sent what they show", async () => {
  const attest: AgentSetup["attest"] = (session) => chip.evidence(session);
  const { agent } = await ScriptedAgent.ready(pool(), { attest });
  const verify = { policy: "attested", measurements: [toHex(plainMeasurement)] } as const;
  const job = await ScriptedRequester.create(pool().client, { verify, operators: [agent.operator] });
  const releaser = await job.connect();
  await job.submit(["secret"]);
  await agent.take();
  const shown = (await releaser.next("agent")).attestation;
  expect(shown?.certificates.map(toHex)).toEqual(chip.certificates.map(toHex));
});

it("a job that asks for nothing is not sent what machines show", async () => {
  const { agent } = await ScriptedAgent.ready(pool(), { attest: (session) => chip.evidence(session) });
  const job = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
  const releaser = await job.connect();
  await job.submit(["plain"]);
  await agent.take();
  expect(await releaser.next("agent")).not.toHaveProperty("attestation");
});

import { type AttestationEvidence, fromHex, sessionKey, type Signed, signStatement, toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { connectFunded } from "../../../test/fixtures/accounts.js";
import { type Change, ProcessorMaker, plainMeasurement, plainTcb } from "../../../test/fixtures/attestation/maker.js";
import { type AgentSetup, ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { type AttestedOption, parseSavedJob, type SavedJob } from "../src/index.js";
import { savedTerms } from "../src/job/saved-job.js";
import { jobTerms } from "../src/options.js";
import { dishonestPool, firstOf, program } from "./fixtures.js";

const maker = new ProcessorMaker();
const chip = maker.chip();
const { pool, proxy } = dishonestPool(maker.roots);

const verify: AttestedOption = { policy: "attested", measurements: ["ab".repeat(48), toHex(plainMeasurement)] };
const attest: AgentSetup["attest"] = (session) => chip.evidence(session);

/** What a pool that is not honest shows of the agent, instead of what the agent has shown. */
function showing(change: (evidence: AttestationEvidence) => AttestationEvidence | undefined): void {
  proxy().alter.toReleaser = (message) => {
    if (message.type !== "agent" || !message.attestation) return [message];
    const { attestation, ...rest } = message;
    const shown = change(attestation);
    return [shown ? { ...rest, attestation: shown } : rest];
  };
}

/** Evidence with another report, which the chip has signed all the same. */
function resignedWith(change: Change) {
  return (evidence: AttestationEvidence): AttestationEvidence => {
    const report = Buffer.from(evidence.report);
    change(report);
    return { ...evidence, report: chip.sign(report) };
  };
}

/** What the requester answers when the pool has matched its task with an attested agent. */
async function answerOf(option: AttestedOption = verify, connect = () => connectFunded(proxy().url, maker.roots)) {
  const { agent } = await ScriptedAgent.ready(pool(), { attest });
  const answered = new Promise<{ type: string; reason?: string }>((resolve) => {
    proxy().alter.fromReleaser = (message) => {
      if (message.type === "withhold" || message.type === "release") resolve(message);
      return [message];
    };
  });
  const distrusted: string[] = [];
  const requester = await connect();
  const job = await requester.map(program, ["secret"], {
    verify: option,
    operators: [agent.operator],
    onDistrust: (reason) => void distrusted.push(reason),
  });
  await agent.take();
  const { type, reason } = await answered;
  expect(distrusted).toEqual(type === "withhold" ? [reason] : []);
  job.cancel();
  return reason ?? type;
}

describe("a requester who asks for attested machines", () => {
  it("gets a result from one, and verifies it itself", async () => {
    const { agent } = await ScriptedAgent.ready(pool(), { attest });
    const requester = await connectFunded(proxy().url, maker.roots);
    const job = await requester.map(program, ["secret"], { verify, operators: [agent.operator] });
    await agent.work();
    expect(await firstOf(job)).toMatchObject({ ok: true, value: "done" });
  });

  it("gives no key where the pool says that an agent is attested, and shows nothing", async () => {
    showing(() => undefined);
    expect(await answerOf()).toBe("not-attested");
  });

  it("gives no key for evidence of another agent, genuine as it is", async () => {
    let other: AttestationEvidence | undefined;
    await ScriptedAgent.ready(pool(), { leases: 0, attest: (session) => (other = chip.evidence(session)) });
    showing(() => other);
    expect(await answerOf()).toBe("wrong-session");
  });

  it("gives no key to a session that the agent has signed and the evidence is not about", async () => {
    const { agent } = await ScriptedAgent.ready(pool(), { attest });
    const foreign = await ScriptedAgent.ready(pool(), { leases: 0 });
    const reason = new Promise((resolve) => {
      proxy().alter.fromReleaser = (message) => {
        if (message.type === "withhold" || message.type === "release") resolve(message);
        return [message];
      };
    });
    const session = resigned(agent, foreign.agent);
    proxy().alter.toReleaser = (message) => [message.type === "agent" ? { ...message, session } : message];
    const requester = await connectFunded(proxy().url, maker.roots);
    const job = await requester.map(program, ["secret"], { verify, operators: [agent.operator] });
    await agent.take();
    expect(await reason).toMatchObject({ type: "withhold", reason: "wrong-session" });
    job.cancel();
  });

  it("takes AMD's word about processors alone, whatever roots the pool takes", async () => {
    expect(await answerOf(verify, () => connectFunded(proxy().url))).toBe("root-unknown");
  });

  it("gives no key where the pool takes a report that it should not", async () => {
    showing(resignedWith((report) => report.writeUInt32LE(0xb0000, 8)));
    expect(await answerOf()).toBe("debug-allowed");
  });

  it("gives no key to a start that it does not list, or to older firmware than it names, though the pool matches it", async () => {
    showing(resignedWith((report) => report.writeUInt8(1, 0x90)));
    expect(await answerOf()).toBe("wrong-measurement");
    showing(resignedWith((report) => report.writeUInt8(plainTcb.snp - 1, 0x1f6))); // what the machine was started on
    expect(await answerOf({ ...verify, leastTcb: { Milan: { snp: plainTcb.snp } } })).toBe("tcb-too-low");
  });

  it("releases its keys when all is in order", async () => {
    expect(await answerOf({ ...verify, leastTcb: { Milan: { snp: plainTcb.snp } } })).toBe("release");
  });
});

describe("the option", () => {
  it("needs no deterministic program, any engine will do, and operators may be named", () => {
    const { requirements } = jobTerms(
      { engine: "onnx", bytes: new Uint8Array(1) },
      { verify, operators: ["cd".repeat(32)] },
    );
    const measurements = verify.measurements.map((text) => fromHex(text));
    expect(requirements.verification).toEqual({ policy: "attested", measurements });
    expect(requirements).not.toHaveProperty("deterministic");
  });

  it.each<[AttestedOption, RegExp]>([
    [{ policy: "attested", measurements: [] }, /number of measurements is 0; it must be 1 to 16/],
    [
      { policy: "attested", measurements: Array.from({ length: 17 }, () => "ab".repeat(48)) },
      /is 17; it must be 1 to 16/,
    ],
    [{ policy: "attested", measurements: ["ab"] }, /measurement is "ab"; it must be 96 hexadecimal digits/],
    [{ ...verify, leastTcb: { Milan: { snp: 256 } } }, /leastTcb is .*256.*numbers from 0 to 255/],
    [{ ...verify, leastTcb: { Rome: {} } as never }, /leastTcb is .*Rome.*Milan, Genoa or Turin/],
    [{ policy: "attest" } as never, /verify is .*attest.*"spot", "quorum"/],
  ])("%j is refused in words", (option, words) => {
    expect(() => jobTerms(program, { verify: option })).toThrow(words);
  });

  it("is the same when the job goes on in another process", async () => {
    const requester = await connectFunded(proxy().url, maker.roots);
    let saved: SavedJob | undefined;
    const job = await requester.map(program, ["later"], { verify, onSaved: async (kept) => void (saved = kept) });
    await expect.poll(() => saved).toBeDefined();
    const restored = savedTerms(parseSavedJob(JSON.stringify(saved)));
    expect(restored.requirements).toEqual(jobTerms(program, { verify }).requirements);
    job.cancel();
  });
});

/** A session key of another machine, signed by this agent. */
function resigned(agent: ScriptedAgent, foreign: ScriptedAgent): Signed {
  const now = Date.now();
  const { publicKey } = agent.keys.agent;
  const statement = {
    agent: publicKey,
    pool: pool().client.key,
    hpke: foreign.hpke,
    notBefore: now,
    notAfter: now + 60_000,
  };
  return signStatement(sessionKey, statement, agent.keys.agent);
}

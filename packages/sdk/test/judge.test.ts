import { encodeValue, readStatement, sealBytes, signStatement, taskManifest, type ToReleaser } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { productInput } from "../src/index.js";
import { connectFunded } from "../../../test/fixtures/accounts.js";
import { dishonestPool, firstOf, program } from "./fixtures.js";

const { pool, proxy } = dishonestPool();

async function agentThatLeaves(): Promise<ScriptedAgent> {
  const { agent, link } = await ScriptedAgent.ready(pool(), {});
  onTestFinished(() => link.close());
  return agent;
}

/** The input of a product of 1 x 1 matrices, and its output. */
const inputOf = (left: number, right: number) =>
  productInput(
    { rows: 1, columns: 1, entries: Int16Array.of(left) },
    { rows: 1, columns: 1, entries: Int16Array.of(right) },
  );
const outputOf = (product: number) => {
  const body = Buffer.alloc(12);
  body.writeUInt32LE(1, 0);
  body.writeUInt32LE(1, 4);
  body.writeInt32LE(product, 8);
  return encodeValue(body, primitives.text);
};

type Judge = Extract<ToReleaser, { type: "judge" }>;

/** The product of 3 and 5, of which an agent says that it is 14, while its pool gives back as its input what `forge` makes of 2 and 7. */
async function forged(forge: (judge: Judge, sealed: Uint8Array) => Judge) {
  const agent = await agentThatLeaves();
  const requester = await connectFunded(proxy().url);
  const job = await requester.map(program, [inputOf(3, 5)], { verify: "exact-product" });
  const task = await agent.take();
  const keys = present(await agent.keysOf(task));
  const other = encodeValue(inputOf(2, 7), primitives.text);
  const sealed = sealBytes(other, { owner: keys.content, purpose: "input" }, primitives);
  proxy().alter.toReleaser = (message) => [message.type === "judge" ? forge(message, sealed) : message];
  agent.answer(task, keys, { output: outputOf(14) });
  return firstOf(job);
}

describe("a product that is wrong", () => {
  it("is found to be, where pool and agent are honest otherwise", async () => {
    expect(await forged((judge) => judge)).toMatchObject({ ok: false, standing: "held" });
  });

  it("is not called right, where its pool gives back another input, which its agent has sealed", async () => {
    expect(await forged((judge, input) => ({ ...judge, input }))).toMatchObject({ standing: "unchecked" });
  });

  it("is not called right, where the pool gives back another manifest with that input", async () => {
    const result = await forged((judge, input) => {
      const manifest = present(readStatement(taskManifest, present(judge.manifest)));
      const named = { ...manifest, input: primitives.sha256(input) };
      return { ...judge, input, manifest: signStatement(taskManifest, named, pool().signer) };
    });
    expect(result).toMatchObject({ standing: "unchecked" });
  });

  it("is given out unchecked, where the pool gives nothing back", async () => {
    const result = await forged(({ type, number, runs }) => ({ type, number, runs }));
    expect(result).toMatchObject({ ok: true, standing: "unchecked" });
  });
});

/** Answers one task, each in another way. */
async function answerOnce(agent: ScriptedAgent): Promise<void> {
  const task = await agent.take();
  const keys = present(await agent.keysOf(task));
  agent.answer(task, keys, { output: Buffer.from(`\x01${task.number}`) });
}

it("a result that cannot be had is nobody's fault: all runs are accepted", async () => {
  const agents = [await agentThatLeaves(), await agentThatLeaves()];
  const requester = await connectFunded(proxy().url);
  proxy().alter.toReleaser = (message) => [message.type === "finished" ? { ...message, reason: "deleted" } : message];
  const accepted: number[] = [];
  proxy().alter.fromReleaser = (message) => {
    if (message.type === "judged") accepted.push(...message.accepted);
    return [message];
  };
  const job = await requester.map(program, ["input"], { verify: { policy: "judged", runs: 2 } });
  for (const agent of agents) void answerOnce(agent);
  expect(await firstOf(job)).toMatchObject({ ok: false, standing: "unchecked", error: { code: "result-deleted" } });
  await expect.poll(() => accepted).toHaveLength(2);
});

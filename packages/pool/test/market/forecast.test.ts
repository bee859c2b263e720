import { expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

it("a job's progress says how long it will take, by what its first tasks took, once one is done", async () => {
  const { agent } = await ScriptedAgent.ready(pool());
  const requester = await ScriptedRequester.create(pool().client, { operators: [agent.operator] });
  await requester.submit(["1", "2", "3", "4"]);
  const releaser = await requester.connect();
  expect(await releaser.next("progress")).not.toHaveProperty("remainingMs");
  const task = await agent.take();
  await requester.releaseNext(releaser);
  const keys = present(await agent.keysOf(task));
  pool().clock.advance(2_000);
  agent.answer(task, keys);
  const { counts, remainingMs } = await releaser.next("progress", (progress) => progress.remainingMs !== undefined);
  expect(counts.completed).toBe(1);
  expect(remainingMs).toBe(6_000);
});

import { nanoAisPerAis } from "@aegis-pool/core";
import { afterEach, expect, it } from "vitest";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { startTestPool, type TestPool } from "../../../../test/fixtures/test-pool.js";

let pool: TestPool;
afterEach(() => pool.stop());

it("ten thousand tasks that fit nowhere wait, say why, and keep nothing from those that fit; cancelled, they cost nothing", async () => {
  pool = await startTestPool();
  const { agent, link } = await ScriptedAgent.ready(pool);
  const huge = await ScriptedRequester.create(pool.client, { memory: "1TiB" });
  await huge.connect();
  for (let submission = 0; submission < 10; submission++) {
    await huge.submit(Array.from({ length: 1_000 }, (_, index) => 1_000 * submission + index));
  }
  const why = await pool.client.whyWaiting(huge.secret.signer, agent.id);
  expect(why).toMatchObject([{ tasks: 10_000, agents: { memory: 1, fits: 0 }, agent: "memory" }]);

  const small = await ScriptedRequester.create(pool.client);
  const releaser = await small.connect();
  for (const task of ["one", "two"]) {
    await small.submit([task]);
    await Promise.all([agent.work(), small.releaseNext(releaser)]);
  }
  expect(link.unread("offer")).toBe(0);

  const escrowed = async () => (await pool.client.books()).totals.get("escrow") ?? 0n;
  const before = await escrowed();
  await pool.client.cancel(huge.secret.signer);
  expect((await pool.client.job(huge.secret.signer)).counts).toMatchObject({ queued: 0, cancelled: 10_000 });
  expect(before - (await escrowed())).toBe(10n * nanoAisPerAis); // all that was set aside
});

import { toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { connectFunded } from "../../../test/fixtures/accounts.js";
import { present } from "../../../test/fixtures/present.js";
import { agentKeys, ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { sharedPool } from "../../../test/fixtures/test-pool.js";
import type { TaskResult } from "../src/index.js";
import { program } from "./fixtures.js";

const pool = sharedPool();

/** Two agents with a slot each, of an operator whom a test's job names. */
async function twoAgents() {
  const { operator } = agentKeys();
  const ready = () => ScriptedAgent.ready(pool(), { keys: { ...agentKeys(), operator } });
  return { agents: [await ready(), await ready()], operators: [toHex(operator.publicKey)] };
}

async function collect<T>(results: AsyncIterable<TaskResult<T>>): Promise<TaskResult<T>[]> {
  const all: TaskResult<T>[] = [];
  for await (const result of results) all.push(result);
  return all;
}

describe("a job in gangs", () => {
  it("parts its inputs in their order: those of one gang run at the same time, each on a machine of its own", async () => {
    const { agents, operators } = await twoAgents();
    const requester = await connectFunded(pool().url);
    const job = await requester.map(program, ["a", "b", "c", "d"], { operators, gang: 2 });
    for (const number of [1, 2]) {
      const taken = await Promise.all(agents.map(({ agent }) => agent.take()));
      expect(taken.map(({ manifest }) => manifest.requirements.gang)).toEqual([
        { number, size: 2 },
        { number, size: 2 },
      ]);
      for (const [index, { agent, link }] of agents.entries()) {
        const task = present(taken[index]);
        link.send(agent.result(task, present(await agent.keysOf(task))), { type: "capacity", leases: 1 });
      }
    }
    expect((await collect(job)).map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  it("whose inputs are not whole gangs is refused before anything is submitted", async () => {
    const requester = await connectFunded(pool().url);
    const refused = requester.map(program, ["a", "b", "c"], { gang: 2 });
    await expect(refused).rejects.toMatchObject({
      code: "bad-argument",
      message: expect.stringContaining("3") as string,
    });
  });

  it("submits no part of a gang where the budget does not pay for all of it", async () => {
    const { agents, operators } = await twoAgents();
    const requester = await connectFunded(pool().url);
    // 40,000 µSCU-seconds x 4,000 nAIS = 160 nAIS each at worst
    const terms = { operators, gang: 2, maxWork: 40_000, maxPrice: 4_000n, budget: 319n };
    const ended = await collect(await requester.map(program, ["a", "b"], terms));
    expect(ended.map((result) => !result.ok && result.error.code)).toEqual(["budget-exceeded", "budget-exceeded"]);
    expect(agents.map(({ link }) => link.unread("offer"))).toEqual([0, 0]);
  });
});

import { describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { agentKeys, type AgentLink, ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

/** An agent with one slot that would hold five leases, another of its operator that is not here yet, and a job that only they may run. */
async function scene() {
  const { operator } = agentKeys();
  const keys = () => ({ ...agentKeys(), operator });
  const eager = await ScriptedAgent.ready(pool(), { keys: keys(), leases: 5, offer: { slots: 1 } });
  const comes = () => ScriptedAgent.ready(pool(), { keys: keys() });
  const job = async () => {
    const requester = await ScriptedRequester.create(pool().client, { operators: [eager.agent.operator] });
    return { requester, releaser: await requester.connect() };
  };
  return { eager, comes, job };
}

type Job = Awaited<ReturnType<Awaited<ReturnType<typeof scene>>["job"]>>;

/** The agent runs the next task that it is offered, in so many ms by its own word. */
async function run(
  { agent, link }: { agent: ScriptedAgent; link: AgentLink },
  { requester, releaser }: Job,
  ranMs: number,
): Promise<void> {
  const task = await agent.take();
  await requester.releaseNext(releaser);
  const keys = present(await agent.keysOf(task));
  link.send(agent.result(task, keys, { statement: { ranMs } }));
  await link.next("settled");
}

describe("an agent that would hold more than it has slots", () => {
  it("gets in advance only tasks of a job whose others were short", async () => {
    const { eager, comes, job } = await scene();
    const unknown = await job();
    await unknown.requester.submit(["first", "second"]);
    const first = await eager.agent.take();
    const other = await comes();
    const second = await other.agent.take(); // else the first agent would hold it
    expect(second.number).not.toBe(first.number);
  });

  it("gets as many as it asks for once they are known to be short, and is passed over while another is idle", async () => {
    const { eager, comes, job } = await scene();
    const short = await job();
    await short.requester.submit(["warm-up"]);
    await run(eager, short, 5);
    await short.requester.submit(["a", "b", "c"]);
    const held = [await eager.agent.take(), await eager.agent.take(), await eager.agent.take()];
    expect(new Set(held.map(({ number }) => number)).size).toBe(3);
    const other = await comes();
    await short.requester.submit(["d"]);
    await other.agent.take();
  });

  it("gets nothing in advance while it runs what may take long", async () => {
    const { eager, comes, job } = await scene();
    const short = await job();
    await short.requester.submit(["warm-up"]);
    await run(eager, short, 5);
    const long = await job();
    await long.requester.submit(["long"]);
    const running = await eager.agent.take();
    eager.link.send({ type: "capacity", leases: 4 }); // its room is looked at again
    await long.requester.client.describe();
    await short.requester.submit(["quick"]);
    const other = await comes();
    const quick = await other.agent.take(); // it waited for whoever is idle
    expect(quick.number).not.toBe(running.number);
  });
});

import { readStatement, type ReceiptStatement, receiptStatement, signStatement } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { present } from "../../../test/fixtures/present.js";
import { type ResultChange, ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import type { JobOptions, TaskResult } from "../src/index.js";
import { alterFinished, dishonestPool, type Finished, firstOf, oneTask } from "./fixtures.js";

const { pool, proxy } = dishonestPool();

/** An agent with its operator; it leaves after the test. */
async function agentThatLeaves(leases: number): Promise<ScriptedAgent> {
  const { agent, link } = await ScriptedAgent.ready(pool(), { leases });
  onTestFinished(() => link.close());
  return agent;
}

/** The pool's own receipt for `run`, signed by its own key, but for what `change` says. */
function receiptFor(run: Finished["run"], genuine: Finished["receipt"], change: Partial<ReceiptStatement>) {
  const statement = present(readStatement(receiptStatement, present(genuine)));
  const hash = primitives.sha256(present(run).body);
  return signStatement(receiptStatement, { ...statement, run: hash, ...change }, pool().signer);
}

interface Collusion {
  readonly options?: (agents: { matched: ScriptedAgent; other: ScriptedAgent }) => JobOptions;
  /** Who signs the run: the agent that was matched, or another one of another operator, to which it gave the keys. */
  readonly signer?: "matched" | "other";
  readonly result?: ResultChange;
  readonly receipt?: Partial<ReceiptStatement>;
}

/** The end of a task whose pool and agents are in league: every signature is genuine and the result opens. */
async function endWith({ options, signer = "matched", result = {}, receipt = {} }: Collusion) {
  const [matched, other] = [await agentThatLeaves(1), await agentThatLeaves(0)];
  const job = await oneTask(proxy(), options?.({ matched, other }) ?? { operators: [matched.operator] });
  const task = await matched.take();
  const keys = present(await matched.keysOf(task));
  const { keys: names, certificate } = signer === "other" ? other : matched;
  const { run, inline, log } = (signer === "other" ? other : matched).result(task, keys, result);
  const parties = { agent: names.agent.publicKey, operator: names.operator.publicKey };
  alterFinished(proxy(), (finished) => ({
    ...finished,
    certificate,
    run,
    ...(inline && { inline }),
    ...(log && { log }),
    receipt: receiptFor(run, finished.receipt, { ...parties, ...receipt }),
  }));
  matched.answer(task, keys);
  return firstOf(job);
}

const refusedFor = (what: string) => ({
  ok: false,
  error: { code: "result-mismatch", message: expect.stringContaining(what) as string },
});

/** nAIS: of 40,000 µSCU-seconds at 4,000 nAIS per SCU-second. */
const mostCharge = 160;
const terms = { maxWork: 40_000, maxPrice: 4_000n };
const charged = (charge: number) => ({ charge: String(charge), reward: String(charge - 3), fee: "3" });

describe("a result that opens, with genuine signatures of agent, operator and pool,", () => {
  it.each<[string, Collusion]>([
    ["of the agent that was matched", {}],
    [
      "of an operator that is allowed",
      { signer: "other", options: ({ matched, other }) => ({ operators: [matched.operator, other.operator] }) },
    ],
    [
      "that costs what a task may cost at most",
      { options: ({ matched }) => ({ operators: [matched.operator], ...terms }), receipt: charged(mostCharge) },
    ],
  ])("is taken: %s", async (_what, collusion) => {
    expect(await endWith(collusion)).toMatchObject({ ok: true, value: "done" } satisfies Partial<TaskResult<unknown>>);
  });

  it.each<[string, string, Collusion]>([
    [
      "comes from an operator that was excluded",
      "excluded",
      { signer: "other", options: ({ other }) => ({ excludedOperators: [other.operator] }) },
    ],
    [
      "comes from an operator that is not among those that are allowed",
      "excluded",
      { signer: "other", options: ({ matched }) => ({ operators: [matched.operator] }) },
    ],
    [
      "costs more than a task may cost at most",
      "costs more",
      { options: ({ matched }) => ({ operators: [matched.operator], ...terms }), receipt: charged(mostCharge + 1) },
    ],
    [
      "states another task's number",
      "another task",
      { result: { statement: { number: 77 } }, receipt: { number: 77 } },
    ],
    ["states another task's manifest", "another task", { result: { statement: { manifest: new Uint8Array(32) } } }],
  ])("is refused when it %s", async (_what, words, collusion) => {
    expect(await endWith(collusion)).toMatchObject(refusedFor(words));
  });
});

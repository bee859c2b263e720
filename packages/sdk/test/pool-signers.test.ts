import { agentRevocation, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { evmAddress } from "@aegis-pool/platform";
import { beforeAll, describe, expect, it } from "vitest";
import { postJson, ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { PoolClient, readPoolSigners, revokedAgents } from "../src/index.js";
import { dishonestPool } from "./fixtures.js";

const { pool, proxy } = dishonestPool();
let kept: ScriptedAgent;
let gone: ScriptedAgent;

function revocationOf({ keys }: ScriptedAgent, operator = keys.operator) {
  const statement = {
    operator: operator.publicKey,
    agent: keys.agent.publicKey,
    pool: pool().client.key,
    revokedAt: Date.now(),
  };
  return signStatement(agentRevocation, statement, operator);
}

beforeAll(async () => {
  [kept, gone] = [await ScriptedAgent.enrolled(pool()), await ScriptedAgent.enrolled(pool())];
  const revocation = Buffer.from(toCbor(revocationOf(gone))).toString("base64url");
  const answer = await postJson(pool().url, "/v1/agents/revoke", { revocation });
  if (!answer.ok) throw new Error(`not revoked: ${await answer.text()}`);
});

const enrolmentOf = ({ keys }: ScriptedAgent) => ({ operator: keys.operator.publicKey, agent: keys.agent.publicKey });

describe("who signs at a pool", () => {
  it("is who is enrolled in its log and not revoked there", async () => {
    const { signers, revocations } = await readPoolSigners(await PoolClient.connect(pool().url));
    const address = toHex(evmAddress(kept.keys.evm.publicKey));
    expect(signers).toContainEqual({
      address: expect.stringMatching(new RegExp(`^0x${address}$`, "i")) as string,
      operator: kept.operator,
      agent: kept.id,
    });
    expect(signers.map(({ agent }) => agent)).not.toContain(gone.id);
    const revoked = revokedAgents(revocations, pool().client.key);
    expect([kept, gone].map((agent) => revoked.has(enrolmentOf(agent)))).toEqual([false, true]);
  });

  it.each<[string, (entries: string[]) => unknown]>([
    ["leaves a revocation out", (entries) => entries.slice(0, -1)],
    ["shows none of it", () => []],
    ["puts another entry in a revocation's place", (entries) => [...entries.slice(0, -1), entries[0] ?? ""]],
    ["shows two the other way round", (entries) => entries.toReversed()],
    ["answers with no list", () => ({})],
    ["answers with a list of something else", () => [1, null]],
  ])("is not believed of a pool that %s", async (_what, change) => {
    const client = await PoolClient.connect(proxy().url);
    proxy().alter.answer = ({ path }, answer) => {
      if (!path.startsWith("/v1/log/entries")) return answer;
      const { entries } = JSON.parse(String(answer.body)) as { entries: string[] };
      return { ...answer, body: Buffer.from(JSON.stringify({ entries: change(entries) })) };
    };
    await expect(readPoolSigners(client)).rejects.toMatchObject({ code: "log-mismatch" });
  });
});

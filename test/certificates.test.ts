import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  agentRevocation,
  resultStatement,
  RevokedAgents,
  sealAttestation,
  signResult,
  signStatement,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { evmPrimitives, primitives } from "@aegis-pool/platform";
import { gatherQuorum, saveQuorum } from "@aegis-pool/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postJson, ScriptedAgent } from "./fixtures/scripted-agent.js";
import { temporaryDirectory } from "./fixtures/temporary.js";
import { sharedPool } from "./fixtures/test-pool.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");
const pool = sharedPool();
const content = new Uint8Array(32).fill(0xc0);
const statement = resultStatement(
  {
    program: Buffer.from("a program"),
    input: Buffer.from('\x01"an input"'),
    memoryBytes: 268_435_456,
    engine: "wasm deno-2.9.5",
    result: Buffer.from('\x01"a result"'),
  },
  primitives,
);

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let agents: ScriptedAgent[] = [];
let file = "";

beforeAll(async () => {
  folder = await temporaryDirectory();
  agents = await Promise.all([1, 2, 3].map(() => ScriptedAgent.enrolled(pool())));
  const domain = { pool: pool().client.key, chainId: 31_337 };
  const attestations = agents.map(({ keys, certificate: enrolment }) => {
    const signature = signResult(statement, domain, keys.evm, { ...primitives, ...evmPrimitives });
    return { enrolment, sealed: sealAttestation(signature, keys.agent.publicKey, content, primitives) };
  });
  const task = { content, statement, domain, attestations, revoked: new RevokedAgents() };
  file = join(folder.path, "certificate.json");
  await saveQuorum(file, gatherQuorum(task).certificate);
});
afterAll(() => folder.remove());

/** Runs `aegis certificate ARGS` to its end. */
async function certificate(...args: readonly string[]) {
  const env = { ...process.env, AEGIS_POOL: pool().url };
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [aegis, "certificate", ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

const key = () => toHex(pool().client.key);

describe("aegis certificate verify", () => {
  it("says offline what is certified, and by whom", async () => {
    const { code, stdout } = await certificate("verify", file, "--pool-key", key(), "--quorum", "3", "--json");
    expect(code).toBe(0);
    const facts = JSON.parse(stdout) as { signers: { operator: string }[] };
    expect(facts).toMatchObject({
      pool: key(),
      chainId: 31_337,
      program: toHex(statement.program),
      result: toHex(statement.result),
      engine: "wasm deno-2.9.5",
    });
    expect(facts.signers.map(({ operator }) => operator)).toEqual(agents.map(({ operator }) => operator).toSorted());
    expect(facts).not.toHaveProperty("shared");
  });

  it("says to people what it was not asked to check", async () => {
    const { stdout } = await certificate("verify", file);
    expect(stdout).toMatch(/^Genuine: 3 operators say/);
    expect(stdout).toContain("compare it with the one you trust");
    expect(stdout).toContain("Whether an agent was revoked is not known");
  });

  it.each<[string, () => readonly string[], string]>([
    ["too few operators", () => ["--quorum", "4"], "too-few-operators"],
    ["another chain", () => ["--chain-id", "1"], "other-chain"],
    ["another pool", () => ["--pool-key", "70".repeat(32)], "other-pool"],
  ])("exits with 4 at %s, and names it", async (_what, args, reason) => {
    const { code, stdout, stderr } = await certificate("verify", file, ...args(), "--json");
    expect([code, stdout]).toEqual([4, ""]);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe("certificate-refused");
    expect(error.message).toContain(`(${reason})`);
  });

  it("exits with 4 at a file of which a digit was changed, and with 2 at none", async () => {
    const altered = join(folder.path, "altered.json");
    const text = await readFile(file, "utf8");
    await writeFile(altered, text.replace(toHex(statement.result), toHex(statement.result.with(5, 0))));
    expect(await certificate("verify", altered)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("signature-wrong") as string,
    });
    expect(await certificate("verify", join(folder.path, "absent.json"))).toMatchObject({ code: 2 });
    for (const args of [
      ["--quorum", "0"],
      ["--quorum", "33"],
      ["--pool-key", "70"],
      ["--chain-id", "one"],
      ["--revocations", file],
    ]) {
      expect(await certificate("verify", file, ...args)).toMatchObject({ code: 2 });
    }
  });

  it("exits with 4 when an agent was revoked, by the pool's log or by a file made of it", async () => {
    const [agent] = agents;
    if (!agent) throw new TypeError("there are three agents");
    const registry = join(folder.path, "registry.json");
    const before = await certificate("registry", "--json");
    await writeFile(registry, before.stdout);
    expect(await certificate("verify", file, "--revocations", registry, "--pool", pool().url)).toMatchObject({
      code: 0,
    });
    const { operator } = agent.keys;
    const revoked = {
      operator: operator.publicKey,
      agent: agent.keys.agent.publicKey,
      pool: pool().client.key,
      revokedAt: Date.now(),
    };
    const revocation = Buffer.from(toCbor(signStatement(agentRevocation, revoked, operator))).toString("base64url");
    expect((await postJson(pool().url, "/v1/agents/revoke", { revocation })).ok).toBe(true);
    const after = await certificate("registry", "--json");
    expect(before.stdout).toContain(agent.id);
    expect((JSON.parse(after.stdout) as { signers: object[] }).signers).not.toContainEqual(
      expect.objectContaining({ agent: agent.id }),
    );
    await writeFile(registry, after.stdout);
    for (const args of [
      ["--revocations", registry],
      ["--pool", pool().url],
    ]) {
      expect(await certificate("verify", file, ...args)).toMatchObject({
        code: 4,
        stderr: expect.stringContaining("(agent-revoked)") as string,
      });
    }
  });
});

describe("aegis certificate registry", () => {
  it("shows a table of addresses and operators", async () => {
    const { stdout } = await certificate("registry");
    expect(stdout).toMatch(/^address +operator\n─+/);
    expect(stdout).toMatch(/\n0x[0-9a-fA-F]{40} {2}[0-9a-f]{64}\n/);
    expect(stdout).toMatch(/\n1 revoked\n$/);
  });
});

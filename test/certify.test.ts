import { join } from "node:path";
import { encodeCertificate, type QuorumCertificate, RevokedAgents, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningAgent, startAgent } from "../packages/agent/src/index.js";
import {
  type JobOptions,
  jsProgram,
  Pool,
  type SavedJob,
  type TaskResult,
  verifyQuorum,
} from "../packages/sdk/src/index.js";
import { fundedKey } from "./fixtures/accounts.js";
import { temporaryDirectory } from "./fixtures/temporary.js";
import { startTestPool, type TestPool } from "./fixtures/test-pool.js";

const chain = 31_337;
const everyTask = { policy: "quorum", agreeing: 3, always: true, certificateChain: chain } as const;
const square = jsProgram("export default (n, { shared = 0 }) => n * n + shared");

let pool: TestPool;
const agents: RunningAgent[] = [];
beforeAll(async () => {
  pool = await startTestPool();
  for (let index = 0; index < 3; index++) {
    const directory = (await temporaryDirectory()).path;
    const operatorKey = join(directory, "operator.key");
    const share = "cpu=30%,memory=1GiB";
    agents.push(await startAgent({ pool: pool.url, directory, operatorKey, share, onEvent: () => undefined }));
  }
});
afterAll(async () => {
  for (const agent of agents) await agent.leave();
  await pool.stop();
});

/** Runs a job of two tasks; @returns its results, and what its requester keeps of it. */
async function ran(verify: JobOptions["verify"], shared?: number) {
  const requester = await Pool.connect(pool.url, { account: await fundedKey(pool.client) });
  let saved: SavedJob | undefined;
  const options = { verify, shared, onSaved: async (now: SavedJob) => void (saved = now) };
  const job = await requester.map(square, [3, 4], options);
  const results: TaskResult<unknown>[] = [];
  for await (const result of job) results[result.index] = result;
  if (!saved) throw new Error("nothing is saved");
  return { requester, saved, results };
}

function verified(certificate: QuorumCertificate | undefined, chainId = chain) {
  if (!certificate) throw new Error("there is no certificate");
  const file = encodeCertificate(certificate, primitives.text);
  return verifyQuorum(file, { pool: pool.client.key, chainId, quorum: 3, revoked: new RevokedAgents() });
}

const fileOf = (certificate: QuorumCertificate | undefined) =>
  certificate && Buffer.from(encodeCertificate(certificate, primitives.text)).toString();
const hash = (text: string) => toHex(primitives.sha256(Buffer.from(text)));
const certificateIn = (result: TaskResult<unknown> | undefined) => (result?.ok ? result.certificate : undefined);

it("a result that three operators agree on comes with a certificate by all of them, of just what was asked and answered", async () => {
  const { results } = await ran(everyTask, 100);
  expect(results).toMatchObject([
    { value: 109, standing: "agreed" },
    { value: 116, standing: "agreed" },
  ]);
  const [one, other] = results.map((result) => verified(certificateIn(result)));
  expect(new Set(one?.signers.map(({ operator }) => toHex(operator))).size).toBe(3);
  const { statement } = one?.certificate ?? {};
  expect(statement && toHex(statement.program)).toBe(toHex(primitives.sha256(square.bytes)));
  expect(statement && toHex(statement.input)).toBe(hash("\x013"));
  expect(statement && toHex(statement.shared)).toBe(hash("\x01100"));
  expect(statement && toHex(statement.result)).toBe(hash("\x01109"));
  expect(other?.certificate.statement.result).not.toEqual(statement?.result);
  expect(() => verified(certificateIn(results[0]), 1)).toThrow(/chain/);
});

it("a certificate can be had later, from what the requester has kept, by whoever has kept it alone", async () => {
  const { requester, saved, results } = await ran(everyTask);
  const later = verified(await requester.certify(saved, 1));
  expect(fileOf(later.certificate)).toBe(fileOf(certificateIn(results[1])));
  await expect(requester.certify(saved, 2)).rejects.toMatchObject({ code: "bad-argument" });
});

it("nothing is signed for contracts where nobody asks for it", async () => {
  const { requester, saved, results } = await ran({ policy: "quorum", always: true });
  expect(results).toMatchObject([{ standing: "agreed" }, { standing: "agreed" }]);
  expect(results.map(certificateIn)).toEqual([undefined, undefined]);
  await expect(requester.certify(saved, 0)).rejects.toThrow(/asked for no certificates/);
});

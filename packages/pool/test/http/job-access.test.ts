import { jobRequest, type JobRequest, protocolLimits, signStatement, toCbor } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { beforeAll, describe, expect, it } from "vitest";
import { openSocket } from "../../../../test/fixtures/link.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
let job: ScriptedRequester;

beforeAll(async () => {
  job = await ScriptedRequester.create(pool().client);
  await job.submit(["x"]);
});

const path = () => `/v1/jobs/${job.id}`;

function header(change: Partial<JobRequest> = {}, signer = job.secret.signer): string {
  const statement = { job: signer.publicKey, pool: pool().client.key, method: "GET", path: path() };
  const signed = signStatement(jobRequest, { ...statement, signedAt: pool().clock.now(), ...change }, signer);
  return `Aegis ${Buffer.from(toCbor(signed)).toString("base64url")}`;
}

async function ask(authorization: string | undefined, at = path(), method = "GET") {
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await fetch(new URL(at, pool().url), { method, headers });
  return { status: answer.status, ...((await answer.json()) as { error?: { code: string } }) };
}

const refused = { status: 403, error: { code: "bad-signature" } };

describe("access to a job", () => {
  it("is given to its key, as often as asked, while the request is fresh", async () => {
    const signed = header();
    expect(await ask(signed)).toMatchObject({ status: 200 });
    expect(await ask(signed)).toMatchObject({ status: 200 });
  });

  it("is refused to a request that is replayed later than clocks may differ", async () => {
    const signed = header();
    pool().clock.advance(protocolLimits.clockSkewMs + 1);
    expect(await ask(signed)).toMatchObject(refused);
  });

  it("is refused to a request from the future", async () => {
    const signedAt = pool().clock.now() + protocolLimits.clockSkewMs + 1;
    expect(await ask(header({ signedAt }))).toMatchObject(refused);
  });

  it.each([
    ["no header", () => undefined],
    ["another scheme", () => header().replace("Aegis", "Bearer")],
    ["bytes that are no statement", () => "Aegis AAAA"],
    ["another path", () => header({ path: "/v1/jobs" })],
    ["another method", () => header({ method: "POST" })],
    ["another pool", () => header({ pool: new Uint8Array(32) })],
    ["another job", () => header({ job: new Uint8Array(32) })],
    ["another key", () => header({}, createEd25519Signer())],
  ])("is refused with %s", async (_what, authorization) => {
    expect(await ask(authorization())).toMatchObject(refused);
  });

  it("to look is not access to cancel, nor to release its keys", async () => {
    expect(await ask(header(), `${path()}/cancel`, "POST")).toMatchObject(refused);
    const release = `${path()}/release`;
    const opening = openSocket(pool().url, release, { headers: { authorization: header() } });
    await expect(opening).rejects.toThrow("bad-signature");
    const other = openSocket(pool().url, release, { headers: { authorization: header({ path: `${release}?` }) } });
    await expect(other).rejects.toThrow("bad-signature");
    expect(await ask(header())).toMatchObject({ counts: { queued: 1, cancelled: 0 } });
  });
});

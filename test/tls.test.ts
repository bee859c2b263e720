import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createEd25519Signer } from "@aegis-pool/platform";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PoolConnection } from "../packages/agent/src/connection/pool-connection.js";
import { createJobSecret } from "../packages/sdk/src/job/job-secret.js";
import { Releaser } from "../packages/sdk/src/job/releaser.js";
import { AegisProcess, startAgentProcess, startPoolProcess } from "./fixtures/processes.js";
import { agentKeys, certify, plainOffer } from "./fixtures/scripted-agent.js";
import { temporaryDirectory } from "./fixtures/temporary.js";
import { certificateKeyPath, certificatePath } from "./fixtures/tls.js";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let pool: AegisProcess;
let url: URL;
let program: string;

const nothing = () => undefined;
const trusting = { NODE_EXTRA_CA_CERTS: certificatePath };
const notTrusting = { NODE_EXTRA_CA_CERTS: "" };

beforeAll(async () => {
  home = await temporaryDirectory();
  program = join(home.path, "square.mjs");
  await writeFile(program, "export default (n) => n * n;\n");
  const more = ["--tls-cert", certificatePath, "--tls-key", certificateKeyPath];
  const started = await startPoolProcess(join(home.path, "pool"), { more });
  pool = started.pool;
  url = new URL(started.url);
  url.hostname = "localhost"; // as the certificate says
});

afterAll(async () => {
  await pool.stop();
  await home.remove();
});

const ownHome = () => ({ AEGIS_HOME: join(home.path, "home") });
const run = (at: string, environment: NodeJS.ProcessEnv) =>
  new AegisProcess(["run", "js", program, "--input", "7", "--pool", at], {
    ...ownHome(),
    ...environment,
  });
let agents = 0;
/** Each with a directory of its own: two agents that start at once in one would dispute it. */
const lend = (at: string, environment: NodeJS.ProcessEnv) =>
  new AegisProcess(["agent", "--pool", at, "--state", join(home.path, `refused-${(agents += 1)}`)], environment);

describe("a pool that is started with a certificate", () => {
  it("speaks TLS, and only that", async () => {
    expect(url.protocol).toBe("https:");
    await expect(fetch(`http://${url.host}/v1/pool`)).rejects.toThrow("fetch failed");
  });

  it("does a job for those who trust the certificate", async () => {
    const agent = await startAgentProcess(url.href, join(home.path, "agent"), trusting);
    const funding = new AegisProcess(["account", "fund", "1 AIS", "--pool", url.href], { ...ownHome(), ...trusting });
    await funding.exited;
    const requester = run(url.href, trusting);
    expect(await requester.says((said) => "value" in said)).toMatchObject({ value: 49 });
    await requester.exited;
    expect(requester.exitCode).toBe(0);
    await agent.stop();
  });

  it.each([
    ["a requester", run],
    ["an agent", lend],
  ])("is refused by %s that does not trust it, and by one that knows it by another name", async (_who, start) => {
    const elsewhere = new URL(url);
    elsewhere.hostname = "127.0.0.1";
    const refusals = [
      [start(url.href, notTrusting), "DEPTH_ZERO_SELF_SIGNED_CERT"],
      [start(elsewhere.href, trusting), "ERR_TLS_CERT_ALTNAME_INVALID"],
    ] as const;
    for (const [client, why] of refusals) {
      await client.exited;
      expect(client.exitCode).toBe(3);
      const { error } = JSON.parse(client.written) as { error: { code: string; message: string; next: string } };
      expect(error.code).toBe("pool-unreachable");
      expect(error.message).toContain(`does not trust (${why})`);
      expect(error.next).toContain("NODE_EXTRA_CA_CERTS");
    }
  });
});

describe("a WebSocket to a pool whose certificate is not trusted", () => {
  const connect: Readonly<Record<string, (at: string) => { close(): void }>> = {
    "an agent's"(at) {
      const [keys, { publicKey }] = [agentKeys(), createEd25519Signer()];
      const connection = new PoolConnection({
        url: at,
        pool: publicKey,
        keys,
        certificate: certify(keys, publicKey, 1),
        offer: plainOffer,
        attest: () => Promise.resolve(undefined),
        held: () => [],
        onSession: nothing,
        onMessage: nothing,
        onLost: nothing,
        onRefused: nothing,
      });
      void connection.connect();
      return connection;
    },
    "a releaser's"(at) {
      const client = { url: new URL(at), authorization: () => "secret" };
      const releaser = new Releaser({ client, secret: createJobSecret(), onLost: nothing } as never);
      releaser.start().catch(() => undefined);
      return releaser;
    },
  };

  it.each(Object.keys(connect))("%s ends before anything is said", async (who) => {
    const files = { cert: await readFile(certificatePath), key: await readFile(certificateKeyPath) };
    const server = createServer(files).listen(0, "127.0.0.1");
    await once(server, "listening");
    const ended = Promise.race([
      once(server, "tlsClientError"),
      once(server, "secureConnection").then(([socket]) => once(socket as TLSSocket, "close")),
    ]);
    const spoken = once(server, "upgrade");
    const connection = connect[who]?.(`https://localhost:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      connection?.close();
      server.closeAllConnections();
      server.close();
    });
    expect(await Promise.race([ended.then(() => "ended"), spoken.then(() => "spoken")])).toBe("ended");
  });
});

describe("a pool whose files for TLS", () => {
  it.each([
    ["are one of two", () => ["--tls-cert", certificatePath], "both a certificate and its key"],
    ["are not there", () => ["--tls-cert", "none.pem", "--tls-key", certificateKeyPath], "no such file"],
    ["are no PEM", () => ["--tls-cert", program, "--tls-key", certificateKeyPath], "square.mjs"],
    ["are exchanged", () => ["--tls-cert", certificateKeyPath, "--tls-key", certificatePath], "cannot be used for TLS"],
  ])("%s says so and does not start", async (_what, flags, message) => {
    const refused = new AegisProcess(["pool", "--port", "0", "--data", join(home.path, "none"), ...flags()]);
    await refused.exited;
    expect(refused.exitCode).toBe(2);
    const { error } = JSON.parse(refused.written) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: "bad-argument", message: expect.stringContaining(message) as string });
  });
});

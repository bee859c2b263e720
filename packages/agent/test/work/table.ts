import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  jobKey,
  type Lease,
  releaseInfo,
  sealBytes,
  sealRelease,
  type Signed,
  signStatement,
  taskManifest,
  type TaskKeys,
  type TaskManifest,
  type ToAgent,
  toHex,
  type ToPool,
  keyCommitment,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives, sendTo } from "@aegis-pool/platform";
import { onTestFinished } from "vitest";
import { agentKeys } from "../../../../test/fixtures/scripted-agent.js";
import { PoolHttp } from "../../src/connection/pool-http.js";
import { createSession, type Session } from "../../src/connection/session.js";
import type { EngineLimits, Engines, Program, RunOutcome } from "../../src/engines/index.js";
import { AgentWork } from "../../src/work/agent-work.js";
import type { WorkEvent, WorkParts } from "../../src/work/work-parts.js";

/** Engines that run nothing: each run is answered by the test, and each closing is counted. */
export class ScriptedEngines implements Engines {
  readonly offered = [{ engine: "js" as const, walls: [] }];
  readonly missing = [];
  readonly heldBy = "the test";
  readonly opened: Program[] = [];
  /** Of what was opened, in the same order. */
  readonly limits: EngineLimits[] = [];
  closed = 0;
  paused = false;
  canStop = true;
  run: (input: Uint8Array) => Promise<RunOutcome> = async (output) => ({ ok: true, output, log: "ran\n", wallMs: 3 });

  async open(program: Program, limits: EngineLimits) {
    this.opened.push(program);
    this.limits.push(limits);
    let usable = true;
    return {
      get usable() {
        return usable;
      },
      pid: 0,
      run: (input: Uint8Array) => this.run(input),
      close: async () => {
        usable = false;
        this.closed++;
      },
    };
  }

  pause(): boolean {
    this.paused = true;
    return this.canStop;
  }

  resume(): void {
    this.paused = false;
  }

  use = () => ({ processes: 0, cpuMs: 0, residentBytes: 0 });

  async close(): Promise<void> {}
}

/** A task of the test's own job, as a pool would pass it on. */
export interface TableTask {
  readonly lease: Lease;
  readonly signed: Signed;
  readonly input: Uint8Array;
  readonly keys: TaskKeys;
}

/** An agent's work with the test as its pool and its requester. */
export async function table(parts: Partial<WorkParts> = {}) {
  const pool = createEd25519Signer().publicKey;
  const keys = agentKeys();
  const engines = new ScriptedEngines();
  const blobs = new Map<string, Uint8Array>();
  const [sent, events] = [new Inbox<ToPool>(), new Inbox<WorkEvent & { type: string }>()];
  const work = new AgentWork({
    keys,
    pool,
    http: new PoolHttp(await serveBlobs(blobs)),
    engines,
    offer: { slots: 1, memoryBytes: 2 ** 26 },
    engineVersions: { js: "js scripted", wasm: "", onnx: "", webgpu: "" },
    send: (message) => sent.push(message),
    onEvent: (event) => events.push({ ...event, type: event.kind }),
    ...parts,
  });
  onTestFinished(() => work.leave(0));
  const requester = new TableRequester(pool, blobs);
  let session = await createSession(keys, pool, Date.now());
  work.connected(session, []);
  return {
    work,
    engines,
    blobs,
    sent,
    events,
    requester,
    agent: keys.agent.publicKey,
    session: () => session,
    /** A new connection, with a new session key. */
    reconnect: async (lost: readonly Lease[] = []) => {
      session = await createSession(keys, pool, Date.now());
      work.connected(session, lost);
    },
    /** Offers a task and passes it on once it is accepted. */
    pass: async ({ lease, signed, input }: TableTask, change: { signed?: Signed; input?: Uint8Array } = {}) => {
      work.receive({ type: "offer", ...lease, requirements: requester.requirements, maxReward: "1" });
      await sent.next("accept");
      work.receive({ type: "task", ...lease, manifest: change.signed ?? signed, input: change.input ?? input });
    },
    /** The release of a task's keys as an honest requester makes it, but for what `change` says. */
    release: (task: TableTask, change: ReleaseChange = {}): Promise<Extract<ToAgent, { type: "key" }>> =>
      requester.release(task, { agent: keys.agent.publicKey, session, ...change }),
  };
}

interface ReleaseChange {
  readonly session?: Session;
  readonly agent?: Uint8Array;
  readonly lease?: Lease;
  readonly keys?: Partial<TaskKeys>;
}

class TableRequester {
  readonly job = createEd25519Signer();
  readonly secret = primitives.randomBytes(32);
  readonly requirements = { engine: "js" as const, memoryBytes: 2 ** 26, timeLimitMs: 1_000, outputBytes: 1_000 };
  readonly program: Uint8Array;
  readonly #pool: Uint8Array;
  #number = 0;

  constructor(pool: Uint8Array, blobs: Map<string, Uint8Array>) {
    this.#pool = pool;
    const owner = jobKey(this.secret, "program", primitives);
    const sealed = sealBytes(Buffer.from("export default 1"), { owner, purpose: "program" }, primitives);
    this.program = primitives.sha256(sealed);
    blobs.set(toHex(this.program), sealed);
  }

  task(text: string, change: Partial<TaskManifest> = {}, signer = this.job): TableTask {
    const number = ++this.#number;
    const keys = { content: primitives.randomBytes(32), program: jobKey(this.secret, "program", primitives) };
    const input = sealBytes(Buffer.from(`\x01"${text}"`), { owner: keys.content, purpose: "input" }, primitives);
    const manifest: TaskManifest = {
      number,
      job: this.job.publicKey,
      pool: this.#pool,
      requirements: this.requirements,
      program: this.program,
      input: primitives.sha256(input),
      keys: keyCommitment(keys, primitives),
      maxPrice: "4000",
      maxWork: 1_000,
      ...change,
    };
    return { lease: { number, fence: 1 }, signed: signStatement(taskManifest, manifest, signer), input, keys };
  }

  async release(
    task: TableTask,
    { session, agent, lease, keys }: ReleaseChange & { session: Session; agent: Uint8Array },
  ) {
    const info = releaseInfo({ pool: this.#pool, job: this.job.publicKey, agent, session: session.hash });
    const context = await sendTo(session.hpke.publicKey, info);
    if (!context) throw new Error("the session key is no key");
    const binding = { ...(lease ?? task.lease), agent, manifestHash: primitives.sha256(task.signed.body) };
    const sealed = sealRelease(context.secret, binding, { ...task.keys, ...keys }, primitives);
    return { type: "key" as const, ...task.lease, encapsulated: context.encapsulated, sealed };
  }
}

/** What came, until it is asked for. */
export class Inbox<M extends { readonly type: string }> {
  readonly #unread: M[] = [];
  #waiting: (() => void)[] = [];

  push(message: M): void {
    this.#unread.push(message);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** The next message of this type; those of other types stay. */
  async next<T extends M["type"]>(type: T): Promise<Extract<M, { type: T }>> {
    for (;;) {
      const index = this.#unread.findIndex((message) => message.type === type);
      if (index >= 0) return this.#unread.splice(index, 1)[0] as Extract<M, { type: T }>;
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    }
  }

  unread(type: M["type"]): number {
    return this.#unread.filter((message) => message.type === type).length;
  }
}

async function serveBlobs(blobs: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const server = createServer((request, response) => {
    const bytes = blobs.get(request.url?.split("/").at(-1) ?? "");
    response.writeHead(bytes ? 200 : 404).end(bytes ?? "{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

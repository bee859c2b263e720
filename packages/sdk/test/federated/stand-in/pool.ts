import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AgentCertificate,
  fromCbor,
  GrowingTree,
  leafHash,
  logHead,
  parseNewRun,
  type RoundView,
  type RunView,
  type Signed,
  signStatement,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, createSecp256k1Signer, primitives } from "@aegis-pool/platform";
import { type AgentKeys, certify } from "../../../../../test/fixtures/scripted-agent.js";
import { present } from "../../../../../test/fixtures/present.js";
import { type Course, StandInRun } from "./run.js";

/** Whom an answer is for: whoever asks at the pool's own address, or at the victim's. */
export type Asker = "all" | "victim";

/** What a pool that is not honest would say instead; each may be set or changed at any time. */
export interface Lies {
  view?: (view: RunView, to: Asker) => RunView;
  round?: (round: RoundView, to: Asker) => RoundView;
  file?: (bytes: Uint8Array, to: Asker) => Uint8Array;
  /** The answer about an agent. */
  certificate?: (agent: StandInAgent) => AgentCertificate;
  /** Drops a connection instead of answering. */
  drops?: (method: string, path: string) => boolean;
}

/** An agent that may be drawn. */
interface StandInAgent extends AgentKeys {
  readonly certificate: AgentCertificate;
  readonly logIndex: number;
}

/** What came in, for tests that look at the wire. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

/** A pool and its agents in this process: the routes of a federated run over real HTTP, with real phases and members behind them. */
export class StandInPool {
  readonly key = createEd25519Signer();
  readonly course: Course = {};
  readonly lies: Lies = {};
  readonly heard: Heard[] = [];
  /** What went wrong in the stand-in itself: a test that ends with any proves nothing. */
  readonly faults: unknown[] = [];
  readonly agents: readonly StandInAgent[];
  readonly #tree = new GrowingTree(primitives);
  readonly #runs = new Map<string, StandInRun>();
  readonly #servers: Server[] = [];
  url = "";
  victimUrl = "";

  private constructor(agents: number) {
    this.log(toCbor({ kind: "pool", key: this.key.publicKey }));
    this.agents = Array.from({ length: agents }, () => this.#enrol());
  }

  /** @param agents that may be drawn, each of another operator */
  static async start(agents = 8): Promise<StandInPool> {
    const pool = new StandInPool(agents);
    pool.url = await pool.#listen("all");
    pool.victimUrl = await pool.#listen("victim");
    return pool;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  }

  runOf(id: Uint8Array): StandInRun {
    return present(this.#runs.get(toHex(id)));
  }

  #enrol(): StandInAgent {
    const keys = { operator: createEd25519Signer(), agent: createEd25519Signer(), evm: createSecp256k1Signer() };
    const certificate = certify(keys, this.key.publicKey, Date.now());
    return { ...keys, certificate, logIndex: this.log(toCbor({ kind: "agent", certificate })) };
  }

  /** Adds an entry to the log. @returns its index */
  log(entry: Uint8Array): number {
    this.#tree.add(leafHash(entry, primitives));
    return this.#tree.size - 1;
  }

  async #listen(to: Asker): Promise<string> {
    const server = createServer((request, response) => {
      this.#answer(request, response, to).catch((error: unknown) => {
        this.faults.push(error);
        response.destroy();
      });
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, to: Asker): Promise<void> {
    const { method = "GET", url = "/" } = request;
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = new Uint8Array(Buffer.concat(pieces));
    const { pathname, searchParams } = new URL(url, "http://pool");
    this.heard.push({ method, path: pathname, body });
    if (this.lies.drops?.(method, pathname)) return void response.destroy();
    const answer = await this.#route(method, pathname, searchParams, body, to);
    const signed = { pool: this.key.publicKey, size: this.#tree.size, root: this.#tree.root(), signedAt: Date.now() };
    const head = Buffer.from(toCbor(signStatement(logHead, signed, this.key))).toString("base64url");
    const bytes = answer instanceof Uint8Array ? answer : Buffer.from(JSON.stringify(answer));
    const isError = typeof answer === "object" && "error" in answer;
    response.writeHead(isError ? 409 : 200, { "aegis-log-head": head }).end(bytes);
  }

  async #route(method: string, path: string, query: URLSearchParams, body: Uint8Array, to: Asker): Promise<object> {
    const number = (name: string) => Number(query.get(name));
    if (path === "/v1/pool") return { key: toHex(this.key.publicKey), testMoney: true, agents: 8, offers: [] };
    if (path === "/v1/log/inclusion") {
      return { proof: this.#tree.inclusion(number("index"), number("size")).map(base64) };
    }
    if (path === "/v1/log/consistency") {
      return { proof: this.#tree.consistency(number("from"), number("to")).map(base64) };
    }
    if (path.startsWith("/v1/jobs/")) return { released: "0" };
    if (path.startsWith("/v1/agents/")) {
      const agent = present(this.agents.find((each) => toHex(each.agent.publicKey) === path.split("/")[3]));
      const certificate = this.lies.certificate?.(agent) ?? agent.certificate;
      return { logIndex: agent.logIndex, revoked: false, certificate: base64(toCbor(certificate)) };
    }
    if (path === "/v1/federated") return this.#create(body);
    const [, , , id = "", what, name = ""] = path.split("/");
    const run = present(this.#runs.get(id));
    if (what === "start") return run.start() ?? {};
    if (what === "rounds") return toCbor(this.lies.round?.(run.round(Number(name)), to) ?? run.round(Number(name)));
    if (what === "files" && method === "PUT") return (await run.put(body)) ?? {};
    if (what === "files") return this.lies.file?.(present(run.files.get(name)), to) ?? present(run.files.get(name));
    if (what !== undefined) return refusal(await run.say(what, fromCbor(body) as Signed));
    if (query.has("seen"))
      await Promise.race([run.changed(number("seen")), new Promise((done) => setTimeout(done, 300))]);
    return toCbor(this.lies.view?.(run.view(), to) ?? run.view());
  }

  #create(body: Uint8Array): object {
    const asked = present(parseNewRun(body));
    const candidates = this.agents
      .map(({ agent, operator }) => ({ agent: agent.publicKey, operator: operator.publicKey, price: "3000" }))
      .toSorted((a, b) => (toHex(a.agent) < toHex(b.agent) ? -1 : 1));
    const keyOf = (key: Uint8Array) =>
      present(this.agents.find(({ agent }) => toHex(agent.publicKey) === toHex(key))).agent;
    const log = (entry: Uint8Array) => this.log(entry);
    const run = new StandInRun(asked, { key: this.key.publicKey, candidates, keyOf, log, course: this.course });
    this.#runs.set(toHex(run.known.id), run);
    return {};
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

function refusal(why: string | undefined): object {
  if (why === undefined) return {};
  return {
    error: {
      code: why === "not-allowed" ? why : "out-of-turn",
      message: `The stand-in refuses: ${why}.`,
      next: "None.",
    },
  };
}

import {
  AegisError,
  fromHex,
  isErrorCode,
  jobRequest,
  signStatement,
  type Signer,
  toBase64Url,
  toCbor,
} from "@aegis-pool/core";
import { poolUnreachable, primitives } from "@aegis-pool/platform";
import type { PoolDescription } from "./answers.js";
import { type Bound, readBounded } from "./bounded.js";
import { LogWatch } from "./log-watch.js";
import { keyChanged, notAPool } from "./refusals.js";

/** A pool that answers. */
export interface PoolAddress {
  readonly url: URL;
  /** Its Ed25519 key. */
  readonly key: Uint8Array;
}

/** Requests to one pool, in Node.js and in browsers. Every response's log head is checked: see {@link LogWatch}. */
export class PoolConnection {
  readonly url: URL;
  readonly log: LogWatch;

  protected constructor({ url, key }: PoolAddress) {
    this.url = url;
    this.log = new LogWatch(key, primitives, (path) => this.getJson(path));
  }

  /**
   * Connects to a pool.
   * @param pinned the key the pool must have, in hexadecimal; without it the key it shows now is taken
   * @throws {AegisError} `pool-unreachable`, `pool-key-changed`
   */
  static async open(url: string, pinned?: string): Promise<PoolConnection> {
    return new PoolConnection(await PoolConnection.find(url, pinned));
  }

  /** Looks a pool up, as {@link open} does. */
  protected static async find(url: string, pinned: string | undefined): Promise<PoolAddress> {
    const base = parseUrl(url);
    const description = (await (await request(base, "/v1/pool", {})).json()) as PoolDescription;
    if (pinned && pinned !== description.key) throw keyChanged(url, pinned, description.key);
    const key = typeof description.key === "string" ? fromHex(description.key) : undefined;
    if (key?.length !== 32) throw notAPool(url);
    return { url: base, key };
  }

  /** The pool's Ed25519 key. */
  get key(): Uint8Array {
    return this.log.pool;
  }

  /** The proof, for one request, that we hold the job's key. */
  authorization(signer: Signer, method: string, path: string): string {
    const statement = { job: signer.publicKey, pool: this.key, method, path, signedAt: Date.now() };
    return `Aegis ${toBase64Url(toCbor(signStatement(jobRequest, statement, signer)))}`;
  }

  /** What the pool answers to a request; its log head is checked, its body is not. */
  async send(path: string, init: RequestInit): Promise<Response> {
    const response = await request(this.url, path, init);
    this.log.see(response.headers.get("aegis-log-head"));
    return response;
  }

  /** What the pool answers at `from`, as text. */
  async getText(from: string, bound: Bound): Promise<string> {
    const { body } = await this.send(from, {});
    return body ? readBounded(body, bound) : "";
  }

  async getJson(path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return (await this.send(path, { headers })).json();
  }

  async postJson(path: string, body: unknown, more: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const headers = { "content-type": "application/json", ...more };
    return (await this.send(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
  }
}

async function request(base: URL, path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(path, base), { ...init, redirect: "error" });
  } catch (error) {
    throw poolUnreachable(base.origin, error);
  }
  if (!response.ok) throw await toError(response, base);
  return response;
}

async function toError(response: Response, base: URL): Promise<AegisError> {
  const body = (await response.json().catch(() => undefined)) as { error?: Record<string, unknown> } | undefined;
  const { code, message, next } = body?.error ?? {};
  if (typeof code !== "string" || typeof message !== "string" || !isErrorCode(code)) return notAPool(base.origin);
  return new AegisError({ code, message, next: typeof next === "string" ? next : "See the pool's documentation." });
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && (parsed.protocol === "http:" || parsed.protocol === "https:")) return parsed;
  throw new AegisError({
    code: "bad-argument",
    message: `"${url}" is not a pool's URL.`,
    next: "Give one such as http://127.0.0.1:7700 or https://pool.example.",
  });
}

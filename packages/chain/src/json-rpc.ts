import { setTimeout as after } from "node:timers/promises";
import { AegisError, Check, Type } from "@aegis-pool/core";
import { RpcRequestError } from "viem";
import { nonsense, unreachable } from "./refusals.js";

/** How long a node may take, and how much it may say. */
export interface RpcBounds {
  /** One answer, in bytes. */
  readonly answerBytes: number;
  /** One question, with its answer read whole, in ms. */
  readonly timeoutMs: number;
  /** How often a question is asked where the node cannot be reached or is busy. One that has stalled has taken time enough. */
  readonly tries: number;
  /** Between two tries, in ms. */
  readonly pauseMs: number;
}

export const rpcBounds: RpcBounds = { answerBytes: 8 * 1024 * 1024, timeoutMs: 10_000, tries: 3, pauseMs: 250 };

const Answer = Type.Object({
  id: Type.Integer(),
  result: Type.Optional(Type.Unknown()),
  error: Type.Optional(
    Type.Object({ code: Type.Integer(), message: Type.String(), data: Type.Optional(Type.Unknown()) }),
  ),
});

/** What a busy node answers with. */
const busy = new Set([429, 502, 503, 504]);

/** One try came to nothing. */
class Failed extends Error {
  readonly again: boolean;

  constructor(why: string, again: boolean) {
    super(why);
    this.again = again;
  }
}

/** Asks a chain's node, JSON-RPC over HTTP. */
export class JsonRpc {
  /** Host and port: the rest of a node's URL may be somebody's key. */
  readonly place: string;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #bounds: RpcBounds;
  readonly #closed = new AbortController();
  readonly #underWay = new Set<AbortController>();
  #asked = 0;

  /** @throws {AegisError} `bad-argument` where the URL is none of HTTP */
  constructor(text: string, bounds: Partial<RpcBounds> = {}) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !["http:", "https:"].includes(url.protocol)) throw notHttp();
    this.place = url.host;
    const { username } = url;
    const credentials = Buffer.from(credentialsIn(url));
    const authorization = username ? { authorization: `Basic ${credentials.toString("base64")}` } : {};
    this.#headers = { "content-type": "application/json", ...authorization };
    [url.username, url.password] = ["", ""];
    this.#url = url;
    this.#bounds = { ...rpcBounds, ...bounds };
  }

  /**
   * The result of a method, of whatever shape.
   * @throws {AegisError} `chain-unreachable`, `chain-refused` where it is no answer
   * @throws {RpcRequestError} what the node refuses with
   */
  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#ask(method, params);
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        if (!error.again || tried >= this.#bounds.tries || this.#closed.signal.aborted) {
          throw unreachable(this.place, error.message);
        }
        await this.pause(this.#bounds.pauseMs);
      }
    }
  }

  /** Resolves after so many ms, or when nobody waits any more. */
  async pause(ms: number): Promise<void> {
    await after(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined);
  }

  /** Ends what is under way: from now on every question fails at once. */
  close(): void {
    this.#closed.abort();
    for (const controller of this.#underWay) controller.abort();
  }

  async #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = ++this.#asked;
    const body = { jsonrpc: "2.0", id, method, params };
    const { status, text } = await this.#post(JSON.stringify(body));
    const answer = parsed(text);
    if (Check(Answer, answer) && answer.id === id) {
      // viem looks into the refusals of its own kind for what a contract has reverted with; the URL would be in its message
      if (answer.error) throw new RpcRequestError({ body, error: answer.error, url: this.place });
      if ("result" in answer) return answer.result;
    }
    if (status !== 200) throw new Failed(`answers with HTTP status ${status}`, busy.has(status));
    throw nonsense(this.place, `to ${method} it gives no JSON-RPC answer`);
  }

  async #post(body: string): Promise<{ status: number; text: string }> {
    if (this.#closed.signal.aborted) throw new Failed("is no longer asked", false);
    const { timeoutMs } = this.#bounds;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    this.#underWay.add(controller);
    try {
      const { signal } = controller;
      // who sends us elsewhere is not whom we were told to ask
      const asked = { method: "POST", headers: this.#headers, body, signal, redirect: "error" } as const;
      const response = await fetch(this.#url, asked);
      return { status: response.status, text: await this.#bounded(response) };
    } catch (error) {
      if (error instanceof AegisError) throw error;
      if (this.#closed.signal.aborted) throw new Failed("is no longer asked", false);
      if (controller.signal.aborted) throw new Failed(`does not answer within ${timeoutMs / 1_000} s`, false);
      throw new Failed(`cannot be reached (${codeOf(error)})`, true);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(controller);
    }
  }

  async #bounded(response: Response): Promise<string> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of response.body ?? []) {
      bytes += piece.length;
      if (bytes > this.#bounds.answerBytes) throw nonsense(this.place, `more than ${this.#bounds.answerBytes} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  }
}

/** @throws {AegisError} `bad-argument` where a percent sign stands for nothing */
function credentialsIn({ username, password }: URL): string {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw notHttp();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? "it does not say why";
}

const notHttp = () =>
  new AegisError({
    code: "bad-argument",
    message: "The chain's URL is none of HTTP.",
    next: "Give a node's JSON-RPC, such as --chain http://127.0.0.1:8545.",
  });

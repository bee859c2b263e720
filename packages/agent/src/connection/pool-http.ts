import { AegisError, type AgentCertificate, isErrorCode, toCbor, toHex } from "@aegis-pool/core";
import { poolUnreachable, primitives } from "@aegis-pool/platform";

/** What an agent asks of the pool's HTTP interface. */
export class PoolHttp {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  /** The key that the pool shows, in hexadecimal. */
  async key(): Promise<string> {
    const description = (await (await this.#request("/v1/pool", {})).json()) as { name?: unknown; key?: unknown };
    const { name, key } = description;
    if (name === "aegis-pool" && typeof key === "string" && /^[0-9a-f]{64}$/.test(key)) return key;
    throw notAPool(this.#base);
  }

  async enrol(certificate: AgentCertificate): Promise<void> {
    const body = JSON.stringify({ certificate: Buffer.from(toCbor(certificate)).toString("base64url") });
    await this.#request("/v1/agents", { method: "POST", headers: { "content-type": "application/json" }, body });
  }

  /** A sealed blob; undefined where the pool's bytes are not those of this hash or more than `maxBytes`. */
  async download(hash: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined> {
    const response = await this.#request(`/v1/blobs/${toHex(hash)}`, {});
    if (Number(response.headers.get("content-length") ?? 0) > maxBytes) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return toHex(primitives.sha256(bytes)) === toHex(hash) ? bytes : undefined;
  }

  /** Uploads a sealed result, from where an earlier attempt ended. */
  async upload(hash: Uint8Array, bytes: Uint8Array): Promise<void> {
    const path = `/v1/blobs/${toHex(hash)}`;
    const head = await this.#request(path, { method: "HEAD" });
    if (head.headers.get("upload-complete") === "?1") return;
    const offset = Number(head.headers.get("upload-offset") ?? 0);
    const headers = {
      "content-type": "application/octet-stream",
      "upload-offset": String(offset),
      "upload-complete": "?1",
    };
    await this.#request(path, { method: "PATCH", headers, body: Uint8Array.from(bytes.subarray(offset)) });
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#base), { ...init, redirect: "error" });
    } catch (cause) {
      throw poolUnreachable(this.#base, cause);
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => ({}))) as {
      error?: { code?: string; message?: string; next?: string };
    };
    const {
      code = "",
      message = `The pool answered ${response.status}.`,
      next = "Try again later.",
    } = body.error ?? {};
    throw new AegisError({ code: isErrorCode(code) ? code : "pool-unreachable", message, next });
  }
}

function notAPool(url: string): AegisError {
  return new AegisError({
    code: "pool-unreachable",
    message: `What answers at ${url} is not an Aegis pool of this version.`,
    next: 'Check the URL; /v1/pool there should name "aegis-pool".',
  });
}

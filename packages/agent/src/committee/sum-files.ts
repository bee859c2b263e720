import { toHex } from "@aegis-pool/core";
import { Refused } from "./messages.js";

/** A pool that sends or takes nothing for this long is not waited for, in ms. */
const silenceMs = 30_000;
/** A pool takes at least so many bytes in a ms. */
const slowestBytesPerMs = 100;

/** The files of a run at its pool: uploads, sums of masks, sums. */
export class SumFiles {
  readonly #base: string;
  readonly #silenceMs: number;

  /** @param patienceMs how long a silent pool is waited for, in ms; 30 s by default */
  constructor(base: string, patienceMs = silenceMs) {
    this.#base = base;
    this.#silenceMs = patienceMs;
  }

  /**
   * What the pool gives for the file with this hash, at most `mostBytes`: whoever asks checks it. Empty where there is more.
   * @throws {Refused} `file-missing`, also where `signal` is aborted
   */
  async get(run: Uint8Array, hash: Uint8Array, mostBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const silence = new Silence(this.#silenceMs);
    try {
      const response = await this.#ask(run, hash, { signal: AbortSignal.any([signal, silence.signal]) });
      return await read(response, mostBytes, silence);
    } catch (cause) {
      throw new Refused("file-missing", cause);
    } finally {
      silence.end();
    }
  }

  /** Puts a file at the pool. @throws {Refused} `file-missing`, also where `signal` is aborted */
  async put(
    { run, hash, bytes }: { readonly run: Uint8Array; readonly hash: Uint8Array; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<void> {
    const silence = new Silence(this.#silenceMs + bytes.length / slowestBytesPerMs);
    try {
      const headers = { "content-type": "application/octet-stream" };
      const body = new Blob([bytes]);
      const both = AbortSignal.any([signal, silence.signal]);
      const response = await this.#ask(run, hash, { method: "PUT", headers, body, signal: both });
      await response.body?.cancel();
    } catch (cause) {
      throw new Refused("file-missing", cause);
    } finally {
      silence.end();
    }
  }

  async #ask(run: Uint8Array, hash: Uint8Array, init: RequestInit): Promise<Response> {
    const path = `/v1/federated/${toHex(run)}/files/${toHex(hash)}`;
    const response = await fetch(new URL(path, this.#base), { ...init, redirect: "error" });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new RangeError(`the pool answers ${response.status} to ${path}`);
  }
}

/** Gives up on whoever says nothing for too long. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came. */
  break(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** The body, without ever holding more than `mostBytes` and one piece of it. */
async function read({ body }: Response, mostBytes: number, silence: Silence): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0);
  const bytes = new Uint8Array(mostBytes);
  let length = 0;
  // who leaves the loop cancels the body, and with it the connection
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    silence.break();
    if (length + piece.length > mostBytes) return new Uint8Array(0);
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}

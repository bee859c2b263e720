import {
  equalBytes,
  type NewRun,
  parseRoundView,
  parseRunView,
  type RoundView,
  type RunView,
  type Signed,
  type Signer,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { poolUnreachable, primitives } from "@aegis-pool/platform";
import { readBoundedBytes } from "../pool-client/bounded.js";
import type { PoolConnection } from "../pool-client/pool-connection.js";
import { refused } from "./refusals.js";
import { untilAnswered } from "./until-answered.js";

/** Bytes of a view at most: a roster, and the statements of all groups in all attempts. */
const viewBytes = 64 * 1024 * 1024;
/** How long an answer may take, in ms: a view waits up to 20 s for news; a file has up to 256 MiB. */
const answerMs = { view: 60_000, file: 1_800_000 } as const;

/** The routes of one federated run at a pool. Everything is sent again until the pool answers, and may be. */
export class RunConnection {
  readonly client: PoolConnection;
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;

  /** @param run its id. @param signal ends every wait, with `cancelled` */
  constructor(client: PoolConnection, run: Uint8Array, signal?: AbortSignal) {
    this.client = client;
    this.#path = `/v1/federated/${toHex(run)}`;
    this.#signal = signal;
  }

  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /** The run as the pool shows it; with `seen`, as soon as it is another than that version, or after 20 s. @throws {AegisError} `federated-refused` */
  async view(seen?: number): Promise<RunView> {
    const query = seen === undefined ? "" : `?seen=${seen}`;
    const view = parseRunView(await this.#get(`${this.#path}${query}`, viewBytes, answerMs.view));
    if (!view) throw refused("shows a run in a form that is not known");
    return view;
  }

  /** A round, as the pool shows it. @throws {AegisError} `federated-refused` */
  async round(round: number): Promise<RoundView> {
    const view = parseRoundView(await this.#get(`${this.#path}/rounds/${round}`, viewBytes, answerMs.view));
    if (view?.round !== round) throw refused(`shows round ${round} in a form that is not known`);
    return view;
  }

  /** Asks for the run itself. */
  async create(run: NewRun): Promise<void> {
    await this.#send("/v1/federated", "POST", "application/cbor", toCbor(run), answerMs.view);
  }

  /** Draws with the seats that are taken. @param owner holds the run's key */
  start(owner: Signer): Promise<void> {
    return this.#ask("start", owner);
  }

  /** Ends the run, by its key. */
  cancel(owner: Signer): Promise<void> {
    return this.#ask("cancel", owner);
  }

  async #ask(what: "start" | "cancel", owner: Signer): Promise<void> {
    const path = `${this.#path}/${what}`;
    await untilAnswered(async () => {
      const headers = { authorization: this.client.authorization(owner, "POST", path) };
      await this.client.send(path, { method: "POST", headers, signal: this.#within(answerMs.view) });
    }, this.#signal);
  }

  /** Hands in a signed statement. */
  async say(where: "seats" | "reveals" | "ready" | "uploads", signed: Signed): Promise<void> {
    const { body, signature } = signed;
    const bytes = toCbor({ body, signature });
    await this.#send(`${this.#path}/${where}`, "POST", "application/cbor", bytes, answerMs.view);
  }

  /** Hands in the file of a statement that the pool has taken. @param hash its SHA-256 */
  async put(bytes: Uint8Array, hash: Uint8Array): Promise<void> {
    const path = `${this.#path}/files/${toHex(hash)}`;
    await this.#send(path, "PUT", "application/octet-stream", bytes, answerMs.file);
  }

  /** The file with this hash, of so many bytes. @throws {AegisError} `federated-refused` where it is another */
  async file(hash: Uint8Array, length: number): Promise<Uint8Array> {
    const bytes = await this.#get(`${this.#path}/files/${toHex(hash)}`, length, answerMs.file);
    if (!equalBytes(primitives.sha256(bytes), hash))
      throw refused("sends another file than the one that was asked for");
    return bytes;
  }

  async #send(path: string, method: string, type: string, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const headers = { "content-type": type };
    await untilAnswered(async () => {
      const body = Uint8Array.from(bytes);
      const response = await this.client.send(path, { method, headers, body, signal: this.#within(timeoutMs) });
      await response.body?.cancel();
    }, this.#signal);
  }

  #get(path: string, maxBytes: number, timeoutMs: number): Promise<Uint8Array> {
    const tooLarge = () => refused(`sends more than the ${maxBytes} bytes that its answer may have`);
    return untilAnswered(async () => {
      const { body } = await this.client.send(path, { signal: this.#within(timeoutMs) });
      try {
        return body ? await readBoundedBytes(body, { maxBytes, tooLarge }) : new Uint8Array(0);
      } catch (error) {
        if (error instanceof TypeError || error instanceof DOMException) {
          throw poolUnreachable(this.client.url.origin, error); // the connection broke, or was too slow
        }
        throw error;
      }
    }, this.#signal);
  }

  #within(timeoutMs: number): AbortSignal {
    const timeout = AbortSignal.timeout(timeoutMs);
    return this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout;
  }
}

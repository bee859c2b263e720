import { open } from "node:fs/promises";
import {
  amdRoots,
  type PinnedRoot,
  reservation,
  signStatement,
  type Signed,
  type Signer,
  toBase64Url,
  toCbor,
  toHex,
  type WhyCounts,
} from "@aegis-pool/core";
import { poolUnreachable, primitives, type SealedFile } from "@aegis-pool/platform";
import type { AgentRating, ClassBook, JobCounts, PoolDescription, WaitingTasks } from "./answers.js";
import { type OperatorTier, readTier, type WrittenTier } from "../bond.js";
import type { Bound } from "./bounded.js";
import { type PoolAddress, PoolConnection } from "./pool-connection.js";
import { blobMismatch } from "./refusals.js";
import { writeBounded } from "./write-bounded.js";

/** Bytes per request of an upload: small enough to go on from where a connection broke. */
const uploadPieceBytes = 16 * 1024 * 1024;

/** One pool's HTTP interface. */
export class PoolClient extends PoolConnection {
  /** Whose word this requester takes about what a machine is. */
  readonly attestationRoots: readonly PinnedRoot[];

  private constructor(address: PoolAddress, attestationRoots: readonly PinnedRoot[]) {
    super(address);
    this.attestationRoots = attestationRoots;
  }

  /**
   * Connects to a pool.
   * @param pinned the key the pool must have, in hexadecimal; without it the key it shows now is taken
   * @param attestationRoots whose word is taken about what a machine is
   * @throws {AegisError} `pool-unreachable`, `pool-key-changed`
   */
  static async connect(
    url: string,
    pinned?: string,
    attestationRoots: readonly PinnedRoot[] = amdRoots,
  ): Promise<PoolClient> {
    return new PoolClient(await PoolClient.find(url, pinned), attestationRoots);
  }

  async describe(): Promise<PoolDescription> {
    return (await this.getJson("/v1/pool")) as PoolDescription;
  }

  /** Queues tasks of the job that `signer` is the key of. Again is the same as once. */
  async submit(
    signer: Signer,
    tasks: readonly { manifest: Signed; input: Uint8Array | undefined }[],
  ): Promise<number[]> {
    const body = tasks.map(({ manifest, input }) => ({
      manifest: toBase64Url(manifest.body),
      signature: toBase64Url(manifest.signature),
      ...(input && { input: toBase64Url(input) }),
    }));
    const path = `/v1/jobs/${toHex(signer.publicKey)}/tasks`;
    const answer = (await this.postJson(path, { tasks: body })) as { taken: number[] };
    return answer.taken;
  }

  async job(signer: Signer): Promise<{ counts: JobCounts; releaserConnected: boolean }> {
    const path = `/v1/jobs/${toHex(signer.publicKey)}`;
    const headers = { authorization: this.authorization(signer, "GET", path) };
    return (await (await this.send(path, { headers })).json()) as never;
  }

  async cancel(signer: Signer): Promise<{ counts: JobCounts }> {
    const path = `/v1/jobs/${toHex(signer.publicKey)}/cancel`;
    const headers = { authorization: this.authorization(signer, "POST", path) };
    return (await (await this.send(path, { method: "POST", headers })).json()) as never;
  }

  /**
   * Deletes what was sealed for the tasks of a job that is over; @returns how many tasks it was
   * @throws {AegisError} `job-not-over`
   */
  async deleteJob(signer: Signer): Promise<number> {
    const path = `/v1/jobs/${toHex(signer.publicKey)}/delete`;
    const headers = { authorization: this.authorization(signer, "POST", path) };
    return ((await this.postJson(path, {}, headers)) as { deleted: number }).deleted;
  }

  /** Sets `amount` nAIS of the payer's account aside for the job; the same `once`, of 16 bytes, changes nothing again. */
  async reserve(job: Signer, payer: Signer, { amount, once }: { amount: bigint; once: Uint8Array }): Promise<void> {
    const path = `/v1/jobs/${toHex(job.publicKey)}/reserve`;
    const asked = { account: payer.publicKey, job: job.publicKey, pool: this.key, amount: String(amount), key: once };
    const signed = signStatement(reservation, { ...asked, signedAt: Date.now() }, payer);
    const headers = { authorization: this.authorization(job, "POST", path) };
    await this.postJson(path, { reservation: toBase64Url(toCbor(signed)) }, headers);
  }

  /** What the accounts of each kind hold together, in nAIS, and the sum of it all: 0 where the books balance. */
  async books(): Promise<{ totals: ReadonlyMap<string, bigint>; sum: bigint }> {
    const { totals, sum } = (await this.getJson("/v1/books")) as { totals: Record<string, string>; sum: string };
    return {
      totals: new Map(Object.entries(totals).map(([kind, amount]) => [kind, BigInt(amount)])),
      sum: BigInt(sum),
    };
  }

  /** Gives back to the payer what none of the job's tasks needs; @returns nAIS. */
  async releaseFunds(job: Signer): Promise<bigint> {
    const path = `/v1/jobs/${toHex(job.publicKey)}/release-funds`;
    const headers = { authorization: this.authorization(job, "POST", path) };
    const { released } = (await this.postJson(path, {}, headers)) as { released: string };
    return BigInt(released);
  }

  /** The last hundred ratings of an agent, by its key in hexadecimal, the newest first. */
  async ratingsOf(agent: string): Promise<readonly AgentRating[]> {
    const { ratings } = (await this.getJson(`/v1/agents/${agent}/ratings`)) as { ratings: AgentRating[] };
    return ratings;
  }

  /** The public order books. */
  async orderBooks(): Promise<readonly ClassBook[]> {
    const { books } = (await this.getJson("/v1/market")) as { books: (Omit<ClassBook, "last"> & Partial<ClassBook>)[] };
    return books.map((book) => ({ ...book, last: book.last }));
  }

  /** What an operator's bond and proven speed make it, by key in hexadecimal. */
  async tierOf(operator: string): Promise<OperatorTier> {
    return readTier((await this.getJson(`/v1/operators/${operator}/tier`)) as WrittenTier);
  }

  /** Why tasks of the job wait that `signer` is the key of; of `agent`, by key in hexadecimal, also what keeps it away. */
  async whyWaiting(signer: Signer, agent?: string): Promise<readonly WaitingTasks[]> {
    const path = `/v1/jobs/${toHex(signer.publicKey)}/why${agent === undefined ? "" : `?agent=${agent}`}`;
    const headers = { authorization: this.authorization(signer, "GET", path) };
    const { waiting } = (await (await this.send(path, { headers })).json()) as { waiting: WaitingTasks[] };
    return waiting;
  }

  /** Of all that waits in the pool, how many kinds of task each filter keeps from an agent, by its key in hexadecimal. */
  async whyIdle(agent: string): Promise<WhyCounts> {
    const { tasks } = (await this.getJson(`/v1/agents/${agent}/why`)) as { tasks: WhyCounts };
    return tasks;
  }

  /** Takes an agent's enrolment back: `revocation` is the operator's signed statement in base64url. */
  async revoke(revocation: string): Promise<void> {
    await this.postJson("/v1/agents/revoke", { revocation });
  }

  /** Uploads sealed bytes, from where an earlier attempt ended; nothing is sent where the pool has them. */
  async upload(bytes: Uint8Array): Promise<Uint8Array> {
    const hash = primitives.sha256(bytes);
    await this.#upload({ hash, bytes: bytes.length }, (start, end) => Promise.resolve(bytes.subarray(start, end)));
    return hash;
  }

  /** Uploads a sealed file, as {@link upload} does, with one piece of it in memory at a time. */
  async uploadFile(path: string, sealed: SealedFile): Promise<void> {
    const file = await open(path, "r");
    try {
      await this.#upload(sealed, async (start, end) => {
        const piece = Buffer.alloc(Math.min(end, sealed.bytes) - start);
        await file.read(piece, 0, piece.length, start);
        return piece;
      });
    } finally {
      await file.close();
    }
  }

  async #upload({ hash, bytes }: SealedFile, read: (start: number, end: number) => Promise<Uint8Array>): Promise<void> {
    const path = `/v1/blobs/${toHex(hash)}`;
    const head = await this.send(path, { method: "HEAD" });
    if (head.headers.get("upload-complete") === "?1") return;
    let offset = Number(head.headers.get("upload-offset") ?? 0);
    do {
      const piece = await read(offset, offset + uploadPieceBytes);
      await this.#patch(path, piece, offset, offset + piece.length === bytes);
      offset += piece.length;
    } while (offset < bytes);
  }

  /** A whole sealed blob, of at most `maxBytes`, checked against its hash. */
  async download(hash: Uint8Array, maxBytes: number): Promise<Uint8Array> {
    const response = await this.send(`/v1/blobs/${toHex(hash)}`, {});
    if (Number(response.headers.get("content-length") ?? 0) > maxBytes) throw blobMismatch(hash);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (toHex(primitives.sha256(bytes)) !== toHex(hash)) throw blobMismatch(hash);
    return bytes;
  }

  /** A whole sealed blob, of at most `maxBytes`, into the new file at `path`; its hash is for whoever opens it to check. */
  async downloadFile(hash: Uint8Array, maxBytes: number, path: string): Promise<void> {
    await this.save(`/v1/blobs/${toHex(hash)}`, path, { maxBytes, tooLarge: () => blobMismatch(hash) });
  }

  /** What the pool answers at `from`, into the new file at `path`. */
  async save(from: string, path: string, bound: Bound): Promise<void> {
    const { body } = await this.send(from, {});
    try {
      if (body) await writeBounded(body, path, bound);
    } catch (error) {
      throw error instanceof TypeError ? poolUnreachable(this.url.origin, error) : error; // the connection broke
    }
  }

  async #patch(path: string, piece: Uint8Array, offset: number, last: boolean): Promise<void> {
    const headers = {
      "content-type": "application/octet-stream",
      "upload-offset": String(offset),
      "upload-complete": last ? "?1" : "?0",
    };
    await this.send(path, { method: "PATCH", headers, body: Uint8Array.from(piece) });
  }
}

import {
  AegisError,
  type FromReleaser,
  fromReleaser,
  type Requirements,
  sealRelease,
  type Signed,
  toHex,
  type ToReleaser,
  toReleaser,
} from "@aegis-pool/core";
import { MessageSocket, primitives } from "@aegis-pool/platform";
import { WebSocket } from "ws";
import type { JobCounts } from "../pool-client/answers.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import type { JobSecret } from "./job-secret.js";
import { type Distrust, trustAgent, type TrustedAgent } from "./known-agents.js";
import type { FinishedMessage } from "./results.js";
import { taskKeys } from "./seal-task.js";

/** Wait before connecting again: doubles from the first to the longest, in ms. */
const retryMs = { first: 100, longest: 5_000 };

/** What a releaser answers for, and whom it tells. */
export interface ReleaserJob {
  readonly client: PoolClient;
  readonly secret: JobSecret;
  readonly requirements: Requirements;
  readonly withShared: boolean;
  /** The manifest hash of one of the job's tasks, and the number that its keys come from; undefined: not ours, no key. */
  task(number: number): { readonly manifestHash: Uint8Array; readonly keysOf: number } | undefined;
  /** The sequence number of the last finished task that was taken in. */
  finishedUpTo(): number;
  onFinished(message: FinishedMessage): void;
  onMatched(match: ReleasedMatch): void;
  onProgress(progress: { counts: JobCounts; agents: number; remainingMs?: number | undefined }): void;
  onDistrust(agent: Distrust): void;
  /** The pool wants a task run once more; undefined: it is not. */
  onReplicate(asked: Replicate): Promise<Signed | undefined>;
  /** A result is being checked. */
  onChecking(number: number): void;
  /** A lesson is over. */
  onTaught(number: number): void;
  /** What came of that. */
  onChecked(message: CheckedMessage): void;
  /** The pool asks which of a task's results are accepted. */
  onJudge(message: JudgeMessage): void;
  /** The connection is lost, and with it what was under way between pool and releaser. */
  onLost(): void;
}

/** A task whose keys have gone to an agent. */
export interface ReleasedMatch {
  readonly number: number;
  /** The agent's Ed25519 key. */
  readonly agent: Uint8Array;
  /** How long the run is expected to take there, in ms; undefined while the pool cannot say. */
  readonly expectedMs: number | undefined;
}

/** What came of the check of a task's first result. */
export type CheckedMessage = Extract<ToReleaser, { type: "checked" }>;

/** All runs of a task have ended that its requester judges. */
export type JudgeMessage = Extract<ToReleaser, { type: "judge" }>;

/** The pool wants a task run again. */
export type Replicate = Extract<ToReleaser, { type: "replicate" }>;

type Matched = Extract<ToReleaser, { type: "matched" }>;

/**
 * Answers for a job after a match: checks the agent and hands it the task's keys. Comes back by itself when the
 * connection is lost, and catches up on what finished meanwhile.
 */
export class Releaser {
  readonly #job: ReleaserJob;
  #channel: MessageSocket<FromReleaser, ToReleaser> | undefined;
  #agents = new Map<number, Promise<TrustedAgent | Distrust>>();
  #retryMs = retryMs.first;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** Settles the first attempt to connect. */
  #first: { resolve: () => void; reject: (error: AegisError) => void } | undefined;

  constructor(job: ReleaserJob) {
    this.#job = job;
  }

  /**
   * Connects; resolves when the pool may match the job's tasks.
   * @throws {AegisError} `pool-unreachable` where the first attempt fails; later ones are repeated
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      this.#connect();
    });
  }

  /** Of a task's results that were asked about, these are accepted. */
  judged(number: number, accepted: readonly number[]): void {
    this.#channel?.send({ type: "judged", number, accepted: [...accepted] });
  }

  cancel(): void {
    this.#channel?.send({ type: "cancel" });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#channel?.close("done");
  }

  #connect(): void {
    const { client, secret } = this.#job;
    const path = `/v1/jobs/${toHex(secret.signer.publicKey)}/release`;
    const url = new URL(path, client.url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const authorization = client.authorization(secret.signer, "GET", path);
    const socket = new WebSocket(url, { headers: { authorization }, perMessageDeflate: false });
    this.#agents = new Map();
    const channel = new MessageSocket<FromReleaser, ToReleaser>(socket, fromReleaser, toReleaser, {
      onMessage: (message) => this.#receive(message),
      onClose: (reason) => this.#lost(reason),
    });
    socket.once("open", () => {
      if (this.#closed) return channel.close("done");
      this.#channel = channel;
      this.#retryMs = retryMs.first;
      channel.send({ type: "resume", after: this.#job.finishedUpTo() });
      this.#first?.resolve();
      this.#first = undefined;
    });
  }

  #lost(reason: string): void {
    this.#channel = undefined;
    this.#job.onLost();
    if (this.#closed) return;
    if (this.#first) return this.#first.reject(unreachable(this.#job.client.url.origin, reason));
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.longest);
  }

  #receive(message: ToReleaser): void {
    switch (message.type) {
      case "agent":
        this.#agents.set(message.alias, this.#trust(message));
        return;
      case "matched":
        void this.#release(message);
        return;
      case "finished":
        return this.#job.onFinished(message);
      case "replicate":
        void this.#replicate(message);
        return;
      case "checking":
        return this.#job.onChecking(message.number);
      case "taught":
        return this.#job.onTaught(message.number);
      case "checked":
        return this.#job.onChecked(message);
      case "judge":
        return this.#job.onJudge(message);
      case "progress":
        return this.#job.onProgress(message);
      case "error":
        this.#channel?.close(message.code);
    }
  }

  async #trust(agent: Extract<ToReleaser, { type: "agent" }>): Promise<TrustedAgent | Distrust> {
    const { client, secret, requirements } = this.#job;
    const { log, attestationRoots } = client;
    const isOpen = () => !this.#closed;
    const job = { key: secret.signer.publicKey, log, requirements, attestationRoots, isOpen };
    const trusted = await trustAgent(agent, job);
    if (typeof trusted === "string") this.#job.onDistrust(trusted);
    return trusted;
  }

  async #replicate(asked: Replicate): Promise<void> {
    const channel = this.#channel;
    const { of } = asked;
    const manifest = await this.#job.onReplicate(asked).catch(() => undefined); // what cannot be made or kept is not sent
    channel?.send(manifest ? { type: "replica", of, manifest } : { type: "no-replica", of });
  }

  async #release({ number, fence, agent: alias, expectedMs }: Matched): Promise<void> {
    const channel = this.#channel;
    const task = this.#job.task(number);
    const agent = await this.#agents.get(alias);
    if (!task || !agent || typeof agent === "string") {
      channel?.send({ type: "withhold", number, fence, reason: typeof agent === "string" ? agent : "unknown" });
      return;
    }
    const { encapsulated, secret } = agent.context;
    const keys = taskKeys(this.#job.secret, task.keysOf, this.#job.withShared);
    const binding = { number, fence, agent: agent.key, manifestHash: task.manifestHash };
    const sealed = sealRelease(secret, binding, keys, primitives);
    channel?.send({ type: "release", number, fence, encapsulated, sealed });
    this.#job.onMatched({ number, agent: agent.key, expectedMs });
  }
}

function unreachable(url: string, reason: string): AegisError {
  return new AegisError({
    code: "pool-unreachable",
    message: `The pool at ${url} does not take the job's connection (${reason}).`,
    next: "Check that the pool runs and that nothing between here and there refuses WebSocket connections.",
  });
}

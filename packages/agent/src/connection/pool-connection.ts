import {
  type AgentCertificate,
  type AttestationEvidence,
  type Lease,
  logHead,
  type Offer,
  openStatement,
  type ToAgent,
  toAgent,
  type ToPool,
  toPool,
} from "@aegis-pool/core";
import { MessageSocket, primitives } from "@aegis-pool/platform";
import { WebSocket } from "ws";
import type { AgentKeys } from "../identity/enrolment.js";
import { answerChallenge, createSession, type Session } from "./session.js";

/** Wait before connecting again: doubles from the first to the longest, in ms, and is spread so that agents do not come all at once. */
const retryMs = { first: 200, longest: 10_000 };

/** What an agent brings to a connection, and whom it tells. */
export interface ConnectionOwner {
  readonly url: string;
  readonly pool: Uint8Array;
  readonly keys: AgentKeys;
  readonly certificate: AgentCertificate;
  readonly offer: Offer;
  /** What shows what this machine is, bound to a session's HPKE key: asked at each connection. Undefined: nothing does. */
  attest(hpke: Uint8Array): Promise<AttestationEvidence | undefined>;
  /** What runs now: asked at each connection. */
  held(): Lease[];
  onSession(session: Session, lost: readonly Lease[]): void;
  onMessage(message: ToAgent): void;
  onLost(reason: string): void;
  /** The pool does not want this agent: coming back would not help. */
  onRefused(code: string, message: string): void;
}

/** What an agent brings to one connection. */
interface OwnSide {
  readonly session: Session;
  readonly nonce: Uint8Array;
  readonly attestation: AttestationEvidence | undefined;
}

/** Codes after which an agent does not come back by itself. */
const finalCodes: ReadonlySet<string> = new Set([
  "attestation-refused",
  "certificate-revoked",
  "bad-signature",
  "not-found",
  "unknown-version",
]);

/** The connection to the pool: proves both sides' keys, and comes back by itself when it is lost. */
export class PoolConnection {
  readonly #owner: ConnectionOwner;
  #channel: MessageSocket<ToPool, ToAgent> | undefined;
  /** How far the handshake of the current connection is: the pool must prove its key before anything else. */
  #phase: "strangers" | "proven" | "established" = "strangers";
  #retryMs = retryMs.first;
  #retry: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  async connect(): Promise<void> {
    const { keys, pool, url } = this.#owner;
    const session = await createSession(keys, pool, Date.now());
    const attestation = await this.#owner.attest(session.hpke.publicKey);
    if (this.#closed) return;
    const address = new URL("/v1/agent", url);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address, { perMessageDeflate: false });
    const nonce = primitives.randomBytes(32);
    const channel = new MessageSocket<ToPool, ToAgent>(socket, toPool, toAgent, {
      onMessage: (message) => this.#receive(message, channel, { session, nonce, attestation }),
      onClose: (reason) => this.#lost(reason),
    });
    socket.once("open", () => channel.send({ type: "hello", agent: keys.agent.publicKey, nonce }));
    this.#channel = channel;
  }

  /** Sends, if connected; what must arrive is sent again after the next connection by its owner. */
  send(message: ToPool): void {
    if (this.#phase === "established") this.#channel?.send(message);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    this.#channel?.close("leaving");
  }

  #receive(message: ToAgent, channel: MessageSocket<ToPool, ToAgent>, own: OwnSide): void {
    if (message.type === "error") return this.#refused(message.code, message.message);
    if (this.#phase === "strangers") {
      return message.type === "challenge" ? this.#prove(message, channel, own) : channel.close("bad-message");
    }
    if (this.#phase === "proven") {
      return message.type === "welcome" ? this.#welcome(message, own.session) : channel.close("bad-message");
    }
    if (message.type === "challenge" || message.type === "welcome") return channel.close("bad-message");
    if (message.type === "head") return this.#checkHead(message.head);
    this.#owner.onMessage(message);
  }

  #prove(
    challenge: Extract<ToAgent, { type: "challenge" }>,
    channel: MessageSocket<ToPool, ToAgent>,
    own: OwnSide,
  ): void {
    const { keys, pool, certificate, offer } = this.#owner;
    const proof = answerChallenge(challenge, { keys, pool, nonce: own.nonce });
    if (typeof proof === "string") return this.#refused(proof, "The pool does not prove the key that is pinned.");
    this.#phase = "proven";
    const [session, held] = [own.session.statement, this.#owner.held()];
    const { attestation } = own;
    channel.send({ type: "prove", proof, certificate, session, offer, held, ...(attestation && { attestation }) });
  }

  #welcome(welcome: Extract<ToAgent, { type: "welcome" }>, session: Session): void {
    this.#checkHead(welcome.head);
    if (this.#closed) return;
    this.#phase = "established";
    this.#retryMs = retryMs.first;
    this.#heartbeat = setInterval(
      () => this.send({ type: "heartbeat", running: this.#owner.held() }),
      welcome.heartbeatMs,
    );
    this.#owner.onSession(session, welcome.lost);
  }

  #checkHead(head: Extract<ToAgent, { type: "head" }>["head"]): void {
    if (openStatement(logHead, head, this.#owner.pool, primitives)) return;
    this.#refused("bad-signature", "The pool's log head is not signed by its key.");
  }

  #refused(code: string, message: string): void {
    if (finalCodes.has(code) || code === "pool-key-changed") {
      this.close();
      this.#owner.onRefused(code, message);
    } else {
      this.#channel?.close(code);
    }
  }

  #lost(reason: string): void {
    clearInterval(this.#heartbeat);
    const wasEstablished = this.#phase === "established";
    this.#phase = "strangers";
    if (this.#closed) return;
    if (wasEstablished) this.#owner.onLost(reason);
    const spread = this.#retryMs * (0.5 + Math.random());
    this.#retry = setTimeout(() => void this.connect(), spread);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.longest);
  }
}

import { randomBytes } from "node:crypto";
import type { FrameCodec, FrameRefusal } from "@aegis-pool/core";
import type { RawData, WebSocket } from "ws";

/** Bytes that may wait to be sent to a peer that does not read, before it is cut off. */
const maxBufferedBytes = 64 * 1024 * 1024;
/** A peer that answers no ping for this long is taken for gone, in ms. */
const silenceMs = 30_000;
/** How long an echo is waited for, in ms. */
const roundTripPatienceMs = 2_000;
/** What a close frame can hold of a reason, in bytes of UTF-8 (RFC 6455, section 5.5). */
const reasonBytes = 123;

/** What the owner of a {@link MessageSocket} does with what arrives. */
export interface MessageHandlers<In> {
  /** The messages of one frame, in order. */
  onMessage(message: In): void;
  /** Called once, whatever ended the connection. */
  onClose(reason: string): void;
  /** A frame that is not of this protocol; the connection closes after it. */
  onRefused?(reason: FrameRefusal): void;
}

/** A WebSocket that carries typed messages: those sent in one turn of the event loop share a frame. */
export class MessageSocket<Out, In> {
  readonly #socket: WebSocket;
  readonly #codec: FrameCodec<Out>;
  readonly #pinging: NodeJS.Timeout;
  #outgoing: Out[] = [];
  #written: Promise<void> = Promise.resolve();
  #open = true;
  #heard = true;

  constructor(socket: WebSocket, send: FrameCodec<Out>, receive: FrameCodec<In>, handlers: MessageHandlers<In>) {
    this.#socket = socket;
    this.#codec = send;
    this.#pinging = setInterval(() => this.#ping(), silenceMs / 2);
    socket.on("message", (data: RawData, isBinary) => this.#receive(data, isBinary, receive, handlers));
    socket.on("pong", () => (this.#heard = true));
    socket.on("error", () => undefined); // "close" follows
    socket.on("close", (code: number, reason: Buffer) => {
      this.#open = false;
      clearInterval(this.#pinging);
      handlers.onClose(reason.toString() || `closed with code ${code}`);
    });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Sends soon; a message to a closed socket is dropped, since the owner hears of the close. */
  send(message: Out): void {
    if (!this.#open) return;
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
    this.#outgoing.push(message);
  }

  /** Sends what waits, then closes. */
  close(reason: string): void {
    this.#flush();
    this.#open = false;
    this.#socket.close(1000, cut(reason));
  }

  /** Resolves when what was sent has left this process, or the socket has closed: for long answers, page by page. */
  async drained(): Promise<void> {
    this.#flush();
    await this.#written;
  }

  /** Time to the peer and back, in ms; 0 where it does not answer in time: a peer gains nothing by silence. */
  async roundTripMs(): Promise<number> {
    const sent = randomBytes(8);
    const begin = performance.now();
    if (!this.#open) return 0;
    return new Promise((resolve) => {
      const settle = (ms: number) => {
        clearTimeout(patience);
        this.#socket.off("pong", hear);
        this.#socket.off("close", gone);
        resolve(ms);
      };
      const hear = (echoed: Buffer) => echoed.equals(sent) && settle(performance.now() - begin);
      const gone = () => settle(0);
      const patience = setTimeout(gone, roundTripPatienceMs);
      this.#socket.on("pong", hear).on("close", gone);
      this.#socket.ping(sent);
    });
  }

  #flush(): void {
    const messages = this.#outgoing;
    this.#outgoing = [];
    if (!this.#open || messages.length === 0) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) {
      this.#socket.terminate();
      return;
    }
    for (const frame of this.#codec.encodeAll(messages)) {
      this.#written = new Promise((resolve) => this.#socket.send(frame, () => resolve()));
    }
  }

  #receive(data: RawData, isBinary: boolean, codec: FrameCodec<In>, handlers: MessageHandlers<In>): void {
    if (!this.#open) return;
    this.#heard = true;
    const messages = isBinary && data instanceof Buffer ? codec.decode(data) : "not-cbor";
    if (typeof messages === "string") {
      handlers.onRefused?.(messages);
      this.close(messages);
      return;
    }
    for (const message of messages) if (this.#open) handlers.onMessage(message);
  }

  #ping(): void {
    if (!this.#heard) {
      this.#socket.terminate();
      return;
    }
    this.#heard = false;
    this.#socket.ping();
  }
}

/** As many whole characters of `reason` as fit: it may be the peer's own words, and more would throw. */
function cut(reason: string): Buffer {
  const bytes = Buffer.alloc(reasonBytes);
  return bytes.subarray(0, new TextEncoder().encodeInto(reason, bytes).written);
}

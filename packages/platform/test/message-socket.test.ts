import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type FrameRefusal, protocolLimits, protocolVersion, toCbor, type ToPool, toPool } from "@aegis-pool/core";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { MessageSocket } from "../src/message-socket.js";

afterEach(() => void vi.useRealTimers());

/** Time passes for the pings alone when a test says so; sockets keep theirs. */
const onlyPings = { toFake: ["setInterval", "clearInterval"] } satisfies Parameters<typeof vi.useFakeTimers>[0];
const capacity = (leases: number): ToPool => ({ type: "capacity", leases });
const framed = (value: unknown) => Buffer.concat([Uint8Array.of(protocolVersion), toCbor(value)]);
/** A message of 60 KiB. */
const large: ToPool = {
  type: "result",
  run: { body: new Uint8Array(40), signature: new Uint8Array(64) },
  inline: new Uint8Array(60 * 1024),
};

interface Setup {
  readonly client?: ClientOptions;
  /** Without any, the WebSocket lets frames through that are far larger than the protocol's. */
  readonly server?: ServerOptions;
  readonly onMessage?: (message: ToPool, channel: MessageSocket<ToPool, ToPool>) => void;
}

/** A message socket, what its owner was told, and the bare WebSocket at the other end. */
async function connected({ client = {}, server: options = {}, onMessage }: Setup = {}) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  await once(server, "listening");
  const arrival = once(server, "connection") as Promise<[WebSocket]>;
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, client);
  peer.on("error", () => undefined);
  const frames: (readonly ToPool[] | FrameRefusal)[] = [];
  peer.on("message", (frame: Buffer) => void frames.push(toPool.decode(frame)));
  const peerClosed = once(peer, "close").then(([code, reason]) => `${code} ${String(reason)}`);
  const [[socket]] = await Promise.all([arrival, once(peer, "open")]);
  const told = { messages: [] as ToPool[], refusals: [] as string[], closings: [] as string[] };
  const events = new EventEmitter<{ closed: [] }>();
  const closed = once(events, "closed");
  const channel = new MessageSocket<ToPool, ToPool>(socket, toPool, toPool, {
    onMessage(message) {
      told.messages.push(message);
      onMessage?.(message, channel);
    },
    onRefused: (reason) => void told.refusals.push(reason),
    onClose(reason) {
      told.closings.push(reason);
      events.emit("closed");
    },
  });
  onTestFinished(async () => {
    peer.terminate();
    socket.terminate();
    server.close();
    await once(server, "close");
  });
  return { channel, socket, peer, peerClosed, frames, told, closed };
}

describe("what arrives at a message socket", () => {
  it("is handed on message by message, in the order of frames and within them", async () => {
    const { peer, told, closed } = await connected();
    for (const leases of [[1], [2, 3, 4], [], [5, 6]]) peer.send(toPool.encode(leases.map(capacity)));
    peer.close();
    await closed;
    expect(told.messages).toEqual([1, 2, 3, 4, 5, 6].map(capacity));
    expect(told.refusals).toEqual([]);
  });

  it.each<[string, Uint8Array, FrameRefusal]>([
    ["a frame without a byte", new Uint8Array(0), "unknown-version"],
    ["a frame of another version", Buffer.concat([Uint8Array.of(2), toCbor([capacity(1)])]), "unknown-version"],
    ["a frame that is no CBOR", Uint8Array.of(protocolVersion, 0xff), "not-cbor"],
    ["a frame whose second message is none", framed([capacity(1), { type: "steal" }]), "not-a-message"],
    ["a frame of too many messages", framed(Array.from({ length: 1_025 }, () => capacity(1))), "too-many-messages"],
    ["a frame above 4 MiB", new Uint8Array(protocolLimits.frameBytes + 1), "frame-too-large"],
  ])("ends at %s: the peer is told why, and neither it nor what follows is handed on", async (_what, frame, reason) => {
    const { peer, peerClosed, told, closed, channel } = await connected();
    peer.send(frame);
    peer.send(toPool.encode([capacity(7)]));
    peer.send("a second reason to refuse");
    expect(await peerClosed).toBe(`1000 ${reason}`);
    await closed;
    expect(told).toEqual({ messages: [], refusals: [reason], closings: [reason] });
    expect(channel.isOpen).toBe(false);
  });

  it("ends at text, even where its bytes would be a frame", async () => {
    const { peer, peerClosed, told, closed } = await connected({ server: { skipUTF8Validation: true } });
    peer.send(toPool.encode([capacity(1)]), { binary: false });
    expect(await peerClosed).toBe("1000 not-cbor");
    await closed;
    expect(told).toEqual({ messages: [], refusals: ["not-cbor"], closings: ["not-cbor"] });
  });

  it("ends in the middle of a frame when the owner closes", async () => {
    const { peer, told, closed } = await connected({ onMessage: (_message, channel) => channel.close("enough") });
    peer.send(toPool.encode([capacity(1), capacity(2)]));
    await closed;
    expect(told.messages).toEqual([capacity(1)]);
  });
});

describe("what is sent by a message socket", () => {
  it("in one turn of the event loop travels in one frame", async () => {
    const { channel, peerClosed, frames } = await connected();
    channel.send(capacity(1));
    channel.send(capacity(2));
    await nextTurn();
    channel.send(capacity(3));
    await nextTurn();
    channel.close("done");
    await peerClosed;
    expect(frames).toEqual([[capacity(1), capacity(2)], [capacity(3)]]);
  });

  it("just before it is closed still arrives, and nothing after", async () => {
    const { channel, peerClosed, frames } = await connected();
    channel.send(capacity(1));
    channel.close("done");
    channel.send(capacity(2));
    expect(await peerClosed).toBe("1000 done");
    await nextTurn();
    expect(frames).toEqual([[capacity(1)]]);
  });

  it("has left the process when it is drained", async () => {
    const { channel, socket, peer } = await connected();
    peer.pause();
    for (let count = 0; count < 500; count++) channel.send(large); // 30 MiB, more than the system buffers
    const drained = channel.drained().then(() => socket.bufferedAmount);
    peer.resume();
    expect(await drained).toBe(0);
  });

  it("is not waited for when the connection ends before it has left", async () => {
    const { channel, peer, closed } = await connected();
    peer.pause();
    for (let count = 0; count < 500; count++) channel.send(large);
    const drained = channel.drained();
    peer.terminate();
    await Promise.all([drained, closed]);
    expect(channel.isOpen).toBe(false);
    await channel.drained(); // nor later
  });

  it("waits for a peer that does not read up to a bound; beyond it the peer is cut off", async () => {
    const { channel, socket, peer, told, closed } = await connected();
    peer.pause();
    let mostBuffered = 0;
    for (let turn = 0; turn < 40; turn++) {
      for (let count = 0; count < 50; count++) channel.send(large); // 3 MiB
      await nextTurn();
      mostBuffered = Math.max(mostBuffered, socket.bufferedAmount);
    }
    channel.close("all was sent");
    peer.resume();
    await closed;
    expect(told.closings).toEqual(["closed with code 1006"]);
    expect(mostBuffered).toBeGreaterThan(60 * 1024 ** 2);
    expect(mostBuffered).toBeLessThan(70 * 1024 ** 2);
  });
});

describe("the owner of a message socket hears of the close once", () => {
  type Connected = Awaited<ReturnType<typeof connected>>;
  it.each<[string, (end: Connected) => void, string]>([
    ["when the peer closes", ({ peer }) => peer.close(4_000, "bye"), "bye"],
    ["when the peer gives no reason", ({ peer }) => peer.close(), "closed with code 1005"],
    ["when the peer is gone", ({ peer }) => peer.terminate(), "closed with code 1006"],
    ["when it closes twice itself", ({ channel }) => (channel.close("mine"), channel.close("again")), "mine"],
    ["when both close", ({ channel, peer }) => (peer.close(4_000, "yours"), channel.close("mine")), "yours"],
    ["when a frame is refused", ({ peer }) => peer.send("text"), "not-cbor"],
    ["when the WebSocket itself fails", ({ peer }) => peer.send(new Uint8Array(2_000)), "closed with code 1006"],
  ])("%s", async (_what, end, reason) => {
    const connection = await connected({ server: { maxPayload: 1_000 } });
    const { peerClosed, closed, told } = connection;
    end(connection);
    await Promise.all([peerClosed, closed]);
    await nextTurn();
    expect(told.closings).toEqual([reason]);
  });

  it.each([
    ["ASCII", "r".repeat(500)],
    ["three bytes each", "的".repeat(64)],
  ])("and the peer gets as much of a long reason as a close frame holds: %s", async (_what, reason) => {
    const { channel, peerClosed } = await connected();
    channel.close(reason);
    const told = (await peerClosed).replace("1000 ", "");
    expect(reason.startsWith(told)).toBe(true);
    expect(Buffer.byteLength(told)).toBeGreaterThan(110);
  });
});

describe("a peer", () => {
  const halfOfSilenceMs = 15_000;

  it("that answers no ping is cut off", async () => {
    vi.useFakeTimers(onlyPings);
    const { peer, told, closed } = await connected({ client: { autoPong: false } });
    vi.advanceTimersByTime(halfOfSilenceMs);
    await once(peer, "ping");
    vi.advanceTimersByTime(halfOfSilenceMs);
    await closed;
    expect(told.closings).toEqual(["closed with code 1006"]);
  });

  it.each<[string, ClientOptions, string, (peer: WebSocket) => void]>([
    ["answers pings", {}, "pong", () => undefined],
    ["speaks", { autoPong: false }, "message", (peer) => peer.send(toPool.encode([capacity(1)]))],
  ])("that %s stays", async (_what, client, sign, live) => {
    vi.useFakeTimers(onlyPings);
    const { socket, peer, peerClosed, channel } = await connected({ client });
    for (let round = 0; round < 4; round++) {
      const [pinged, heard] = [once(peer, "ping"), once(socket, sign)];
      vi.advanceTimersByTime(halfOfSilenceMs);
      await Promise.race([pinged, peerClosed]);
      live(peer);
      await Promise.race([heard, peerClosed]);
    }
    expect(channel.isOpen).toBe(true);
  });
});

import {
  type FrameCodec,
  fromReleaser,
  protocolLimits,
  protocolVersion,
  toAgent,
  toCbor,
  toPool,
  toReleaser,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ScriptedAgent } from "../../../../test/fixtures/scripted-agent.js";
import { ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

/** Frames that no peer of this version sends, and the reason they are refused with. */
const refused: readonly [string, Uint8Array, string][] = [
  ["without a byte", new Uint8Array(0), "unknown-version"],
  ["of another version", Uint8Array.of(protocolVersion + 1, 0x80), "unknown-version"],
  ["that is no CBOR", Uint8Array.of(protocolVersion, 0xff, 0x00), "not-cbor"],
  ["that is no array", framed({ type: "capacity", leases: 1 }), "not-cbor"],
  ["with an unknown message", framed([{ type: "steal", number: 1 }]), "not-a-message"],
  ["with a field too many", framed([{ type: "cancel", extra: 1 }]), "not-a-message"],
  ["with too many messages", framed(Array.from({ length: 1_025 }, () => ({ type: "cancel" }))), "too-many-messages"],
];

function framed(value: unknown): Uint8Array {
  return Buffer.concat([Uint8Array.of(protocolVersion), toCbor(value)]);
}

const channels = {
  "a stranger": async () => (await ScriptedAgent.enrolled(pool())).open(),
  "an agent": async () => (await ScriptedAgent.enrolled(pool())).connect(),
  "a releaser": async () => (await ScriptedRequester.create(pool().client)).connect(),
} as const;

describe.each(Object.entries(channels))("from %s a frame", (_who, open) => {
  it.each(refused)("%s is refused with the reason", async (_what, frame, reason) => {
    const link = await open();
    link.sendBytes(frame);
    expect(await link.closed).toBe(reason);
  });

  it("larger than the limit closes the connection before it is read", async () => {
    const link = await open();
    link.sendBytes(new Uint8Array(protocolLimits.frameBytes + 1));
    expect(await link.closed).toBe("1009"); // RFC 6455, section 7.4.1: too big
  });

  it("of text is refused", async () => {
    const link = await open();
    link.socket.send("hello");
    expect(await link.closed).toBe("not-cbor");
  });
});

const lease = { number: fc.integer({ min: 1, max: 2 ** 48 }), fence: fc.integer({ min: 1, max: 9 }) };
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const signed = fc.record({ body: fc.uint8Array({ minLength: 1, maxLength: 200 }), signature: bytes(64) });
const text = fc.string({ maxLength: 64 });

/** Well-formed messages that mean nothing: the codec lets them through, the pool has to. */
const agentMessage = fc.oneof(
  fc.record({ type: fc.constant("capacity"), leases: fc.integer({ min: 0, max: 4_096 }) }),
  fc.record({ type: fc.constant("accept"), ...lease }),
  fc.record({ type: fc.constant("decline"), ...lease, reason: fc.constantFrom("busy", "leaving", "unsupported") }),
  fc.record({ type: fc.constant("hand-back"), ...lease, reason: fc.constantFrom("leaving", "key-mismatch") }),
  fc.record({ type: fc.constant("result"), run: signed, inline: fc.uint8Array(), log: fc.uint8Array() }),
  fc.record({ type: fc.constant("heartbeat"), running: fc.array(fc.record(lease)) }),
);
const releaserMessage = fc.oneof(
  fc.record({ type: fc.constant("resume"), after: fc.integer({ min: 0, max: 1_000 }) }),
  fc.record({ type: fc.constant("release"), ...lease, encapsulated: bytes(32), sealed: bytes(40) }),
  fc.record({ type: fc.constant("withhold"), ...lease, reason: text }),
  fc.record({ type: fc.constant("cancel") }),
);
const strangerMessage = fc.oneof(
  fc.record({ type: fc.constant("hello"), agent: bytes(32), nonce: bytes(32) }),
  agentMessage,
);

/** The messages as a frame, some of its bits flipped, and cut. */
function mangled<M>(codec: FrameCodec<M>, message: fc.Arbitrary<unknown>) {
  return fc
    .tuple(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 3 }), fc.option(fc.nat()))
    .map(([messages, flips, cut]) => {
      const frame = codec.encode(messages as M[]);
      for (const flip of flips) frame.set([(frame[flip % frame.length] ?? 0) ^ (1 << (flip % 8))], flip % frame.length);
      return cut === null ? frame : frame.subarray(0, cut % (frame.length + 1));
    });
}

describe("any frames, from anybody,", () => {
  it.each([
    ["a stranger", channels["a stranger"], mangled(toPool, strangerMessage)],
    ["an agent", channels["an agent"], mangled(toPool, agentMessage)],
    ["a releaser", channels["a releaser"], mangled(fromReleaser, releaserMessage)],
  ] as const)("leave the pool as it was: %s", async (_who, open, frame) => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 4 }), async (frames) => {
        const link = await open();
        for (const each of frames) link.sendBytes(each);
        await link.close();
      }),
      { numRuns: 30 },
    );
    expect((await fetch(new URL("/healthz", pool().url))).status).toBe(200);
    expect(pool().log.lines.filter((line) => /^(error|fatal)/.test(line))).toEqual([]);
  });
});

describe("a peer's own codec", () => {
  it.each([
    ["agents", toAgent],
    ["releasers", toReleaser],
  ] as const)("of %s refuses any bytes but whole frames, and throws at none", (_who, codec) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (frame) => {
        const decoded = codec.decode(frame);
        return typeof decoded === "string" || Array.isArray(decoded);
      }),
    );
    expect(codec.decode(framed([{ type: "head", head: primitives.randomBytes(3) }]))).toBe("not-a-message");
  });
});

import { Type } from "typebox";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/shared/bytes.js";
import { toCbor } from "../../src/shared/cbor.js";
import { Bytes, Exactly, Text, Whole } from "../../src/shared/schema.js";
import { toAgent, toPool } from "../../src/protocol/agent-channel.js";
import { type FrameCodec, frameCodec } from "../../src/protocol/frames.js";
import { protocolLimits } from "../../src/protocol/limits.js";
import { fromReleaser, toReleaser } from "../../src/protocol/release-channel.js";
import { filled, hex } from "../fixtures.js";
import { agentChannelExamples, releaseChannelExamples } from "./examples.js";

const codec = frameCodec(
  Type.Union([
    Exactly({ type: Type.Literal("count"), number: Whole(1) }),
    Exactly({ type: Type.Literal("blob"), bytes: Bytes(0, 300_000), note: Type.Optional(Text(8)) }),
  ]),
);
const refusals: ReadonlySet<unknown> = new Set([
  "frame-too-large",
  "unknown-version",
  "not-cbor",
  "not-a-message",
  "too-many-messages",
]);
const count = (number: number) => ({ type: "count", number }) as const;
const counts = (length: number) => Array.from({ length }, (_, index) => count(index + 1));
const frameOf = (value: unknown): Uint8Array => concatBytes(Uint8Array.of(1), toCbor(value));
const isRefusal = (outcome: unknown): boolean => refusals.has(outcome);
/** The messages of a frame that must decode. */
function decoded(frame: Uint8Array) {
  const messages = codec.decode(frame);
  if (typeof messages === "string") throw new TypeError(messages);
  return messages;
}
type Message = ReturnType<typeof decoded>[number];
/** The same with bytes as text, which is compared at once: byte by byte a few hundred kilobytes take a second. */
const comparable = (messages: readonly Message[]) =>
  messages.map((message) =>
    message.type === "blob" ? { ...message, bytes: Buffer.from(message.bytes).toString("latin1") } : message,
  );
/** How many messages each frame holds when this many are packed. */
const packed = (messages: number): number[] =>
  codec.encodeAll(counts(messages)).map((frame) => codec.decode(frame).length);

describe("a frame", () => {
  it("brings its messages back in order", () => {
    for (const length of [0, 1, 23, 24, 255, 256, 1_024]) {
      expect(codec.decode(codec.encode(counts(length)))).toEqual(counts(length));
    }
  });

  it("is one version byte and a CBOR array", () => {
    expect(toHex(codec.encode([count(7)]))).toBe("0181a2647479706565636f756e74666e756d62657207");
  });

  it("of another version is refused by name", () => {
    for (const version of [0, 2, 255]) {
      const frame = Uint8Array.of(version, ...codec.encode([count(1)]).subarray(1));
      expect(codec.decode(frame)).toBe("unknown-version");
    }
    expect(codec.decode(new Uint8Array(0))).toBe("unknown-version");
  });

  it("above 4 MiB is refused before it is read", () => {
    const frame = concatBytes(Uint8Array.of(1, 0x5a, 0, 64, 0, 0), filled(0, protocolLimits.frameBytes - 5));
    expect(codec.decode(frame)).toBe("frame-too-large");
    expect(codec.decode(frame.subarray(0, protocolLimits.frameBytes))).toBe("not-cbor");
  });

  it("of more than 1,024 messages is refused", () => {
    expect(codec.decode(codec.encode(counts(1_024)))).toHaveLength(1_024);
    expect(codec.decode(codec.encode(counts(1_025)))).toBe("too-many-messages");
  });

  it("that is no CBOR array is refused", () => {
    for (const frame of [
      hex("01"),
      hex("01ff"),
      hex("0181"),
      hex("018000"),
      frameOf({}),
      frameOf("x"),
      frameOf(null),
    ]) {
      expect(codec.decode(frame)).toBe("not-cbor");
    }
    expect(codec.decode(concatBytes(Uint8Array.of(1), filled(0x81, 1_000_000)))).toBe("not-cbor");
    expect(codec.decode(concatBytes(hex("019a003fff00"), filled(0xa0, 0x3fff00)))).toBe("not-cbor");
  });

  it("that holds anything but messages is refused whole", () => {
    const wrong: unknown[] = [
      null,
      [],
      "count",
      {},
      { type: "count" },
      { type: "unheard-of", number: 1 },
      { type: "count", number: 0 },
      { type: "count", number: 1.5 },
      { type: "count", number: "1" },
      { type: "count", number: 1, more: true },
      { type: ["count"], number: 1 },
      { number: 1 },
      { type: "blob", bytes: "abc" },
      { type: "blob", bytes: filled(0, 300_001) },
      { type: "blob", bytes: filled(0), note: null },
      { type: "blob", bytes: filled(0), note: `a${"\u0301".repeat(100_000)}` },
    ];
    for (const message of wrong) expect(codec.decode(frameOf([count(1), message]))).toBe("not-a-message");
  });
});

describe("packing", () => {
  it("brings any messages back in order, in frames that each decode", () => {
    const message = fc.oneof(
      fc.integer({ min: 1, max: 1_000 }).map(count),
      fc.nat({ max: 200_000 }).map((size) => ({ type: "blob", bytes: filled(1, size) }) as const),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        const frames = codec.encodeAll(messages);
        expect(comparable(frames.flatMap(decoded))).toEqual(comparable(messages));
        for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(256 * 1024 + 4);
      }),
      { numRuns: 30 },
    );
  });

  it("fills frames to 1,024 messages and makes none where there is nothing to send", () => {
    expect(packed(0)).toEqual([]);
    expect(packed(1_024)).toEqual([1_024]);
    expect(packed(2_500)).toEqual([1_024, 1_024, 452]);
  });

  it("writes the same bytes as a frame encoded at once", () => {
    for (const length of [1, 23, 24, 255, 256, 1_024]) {
      expect(codec.encodeAll(counts(length)).map(toHex)).toEqual([toHex(codec.encode(counts(length)))]);
    }
  });

  it("gives a message larger than a full frame a frame of its own", () => {
    const large = { type: "blob", bytes: filled(2, 290_000) } as const;
    const frames = codec.encodeAll([count(1), large, count(2)]);
    expect(frames.map((frame) => comparable(decoded(frame)))).toEqual(
      [[count(1)], [large], [count(2)]].map(comparable),
    );
  });
});

describe("hostile frames", () => {
  const channels: Record<string, FrameCodec<object>> = { toPool, toAgent, fromReleaser, toReleaser };
  const genuine = [...agentChannelExamples, ...releaseChannelExamples].map(({ message }) => frameOf([message]));

  for (const [name, channel] of Object.entries(channels)) {
    it(`of any bytes to ${name} are refused by name and never throw`, () => {
      const bytes = fc.uint8Array({ maxLength: 100 }).map((rest) => Uint8Array.of(1, ...rest));
      fc.assert(
        fc.property(bytes, (frame) => {
          const outcome = channel.decode(frame);
          expect(isRefusal(outcome) || outcome.length === 0).toBe(true); // an empty array of messages is a frame
        }),
        { numRuns: 1_000 },
      );
    });

    it(`that mutate genuine ones to ${name} are refused by name or decode, and never throw`, () => {
      const change = fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }), cut: fc.nat({ max: 3 }) });
      fc.assert(
        fc.property(fc.constantFrom(...genuine), fc.array(change, { maxLength: 4 }), (frame, changes) => {
          let mutated = Uint8Array.from(frame);
          for (const { at, to, cut } of changes) {
            mutated[at % mutated.length] = to;
            if (cut === 0) mutated = mutated.slice(0, mutated.length - 1);
          }
          const outcome = channel.decode(mutated);
          expect(Array.isArray(outcome) || isRefusal(outcome)).toBe(true);
        }),
        { numRuns: 2_000 },
      );
    });
  }
});

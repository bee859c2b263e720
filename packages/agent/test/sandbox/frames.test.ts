import fc from "fast-check";
import { expect, it } from "vitest";
import { frameHeader, FrameReader } from "../../src/sandbox/realm/frames.js";
import { joinParts, splitParts } from "../../src/sandbox/realm/parts.js";

const frame = fc.record({
  kind: fc.integer({ min: 0, max: 255 }),
  id: fc.integer({ min: 0, max: 0xffff_ffff }),
  body: fc.uint8Array({ maxLength: 40 }),
});

it("reads the frames that were written, however the stream is cut", () => {
  const property = fc.property(
    fc.array(frame),
    fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
    (frames, cuts) => {
      const stream = Buffer.concat(frames.flatMap(({ kind, id, body }) => [frameHeader(kind, id, body.length), body]));
      const reader = new FrameReader(() => 1000);
      const read = [];
      for (let offset = 0, turn = 0; offset < stream.length; turn++) {
        const size = cuts[turn % cuts.length] ?? 1;
        read.push(...reader.push(stream.subarray(offset, offset + size)));
        offset += size;
      }
      expect(read).toEqual(frames);
    },
  );
  fc.assert(property);
});

it("refuses a body over its cap from the header alone", () => {
  const reader = new FrameReader((kind) => (kind === 1 ? 5 : -1));
  expect([...reader.push(frameHeader(1, 3, 5))]).toEqual([]);
  expect(() => [...new FrameReader(() => 5).push(frameHeader(1, 3, 6))]).toThrow("at most 5");
  expect(() => [...new FrameReader(() => -1).push(frameHeader(1, 3, 0))]).toThrow("kind 1");
});

it("splits the parts that were joined", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect(splitParts(Uint8Array.from(Buffer.concat(joinParts(parts)))).map((part) => [...part])).toEqual(
        parts.map((part) => [...part]),
      );
    }),
  );
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/sandbox/realm/safetensors.js";

/** A file as the format's page shows one: u64 header length, JSON, data. */
function file(header: unknown, data: readonly number[]): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Uint8Array.from(Buffer.concat([length, json, Uint8Array.from(data)]));
}

it("reads a file written by hand, leaving the metadata out", () => {
  const header = {
    __metadata__: { made: "by hand" },
    b: { dtype: "U8", shape: [3], data_offsets: [4, 7] },
    a: { dtype: "F32", shape: [1, 1], data_offsets: [0, 4] },
  };
  const tensors = decodeSafetensors(file(header, [0, 0, 0x80, 0x3f, 7, 8, 9]));
  expect([...tensors.keys()]).toEqual(["b", "a"]);
  expect(tensors.get("b")).toEqual({ dtype: "U8", shape: [3], bytes: Uint8Array.of(7, 8, 9) });
  expect(new Float32Array(tensors.get("a")?.bytes.buffer ?? new ArrayBuffer())).toEqual(Float32Array.of(1));
});

it("reads back what it wrote, with data at a multiple of 8", () => {
  const tensor = fc.record({
    dtype: fc.constantFrom("F32", "U8", "I64"),
    shape: fc.array(fc.nat(), { maxLength: 3 }),
    bytes: fc.uint8Array().map((bytes) => Uint8Array.from(bytes)),
  });
  const name = fc.string().filter((text) => text !== "__metadata__" && text !== "__proto__");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, tensor)), (entries) => {
      const tensors = new Map(entries);
      const written = encodeSafetensors(tensors);
      expect(new Map(decodeSafetensors(written))).toEqual(tensors);
      expect(Number(new DataView(written.buffer).getBigUint64(0, true)) % 8).toBe(0);
    }),
  );
});

it("refuses what is no safetensors with a reason", () => {
  const entry = { dtype: "U8", shape: [1], data_offsets: [0, 1] };
  const broken = [
    new Uint8Array(7),
    file([], []).subarray(0, 9),
    file("text", []),
    file({ a: null }, [1]),
    file({ a: { ...entry, data_offsets: [0, 2] } }, [1]),
    file({ a: { ...entry, data_offsets: [1, 0] } }, [1]),
    file({ a: { ...entry, shape: [-1] } }, [1]),
    file({ a: { ...entry, dtype: 3 } }, [1]),
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 1),
  ];
  for (const bytes of broken) expect(() => decodeSafetensors(bytes)).toThrow("not safetensors");
});

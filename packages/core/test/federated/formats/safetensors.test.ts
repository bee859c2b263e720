import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dtypeBytes,
  safetensorsLimits,
  type SafetensorsRefusal,
  SafetensorsRefused,
  type SafeTensor,
} from "../../../src/federated/formats/safetensors/format.js";
import { readSafetensors } from "../../../src/federated/formats/safetensors/read.js";
import { writeSafetensors } from "../../../src/federated/formats/safetensors/write.js";
import { toHex } from "../../../src/shared/bytes.js";
import { hex, vectorFile } from "../../fixtures.js";

interface Vectors {
  readonly files: readonly {
    readonly name: string;
    readonly hex: string;
    readonly metadata: Record<string, string>;
    readonly tensors: readonly { name: string; dtype: string; shape: number[]; bytes: string }[];
  }[];
}

const { files } = JSON.parse(readFileSync(vectorFile("safetensors"), "utf8")) as Vectors;

/** A file with this header, as it stands, and `body`. */
function fileOf(header: string | Uint8Array, body: Uint8Array = new Uint8Array()): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.from(header).length));
  return Buffer.concat([length, Buffer.from(header), body]);
}

/** A file of U8 tensors: an entry of the header for each, as text. */
function withEntries(entries: string, bodyBytes = 0): Uint8Array {
  return fileOf(`{${entries}}`, new Uint8Array(bodyBytes));
}

function entry(name: string, from: number, to: number, shape = `[${to - from}]`, dtype = "U8"): string {
  return `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}`;
}

function refusalOf(file: Uint8Array): SafetensorsRefusal | "read" {
  try {
    readSafetensors(file);
    return "read";
  } catch (error) {
    if (error instanceof SafetensorsRefused) return error.reason;
    throw error;
  }
}

/** Whether it is refused by name, or every byte of it is the header's or one tensor's. */
function isRefusedOrAccountedFor(file: Uint8Array): boolean {
  if (refusalOf(file) !== "read") return true;
  const header = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  return readSafetensors(file).tensors.reduce((sum, { bytes }) => sum + bytes.length, 8 + header) === file.length;
}

const dtype = fc.constantFrom(...(Object.keys(dtypeBytes) as (keyof typeof dtypeBytes)[]));
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => text !== "__metadata__" && !/\p{Surrogate}/u.test(text));
const tensor: fc.Arbitrary<SafeTensor> = fc
  .record({ name, dtype, shape: fc.array(fc.nat(4), { maxLength: 3 }) })
  .chain(({ shape, ...rest }) => {
    const length = shape.reduce((product, size) => product * size, dtypeBytes[rest.dtype]);
    return fc.record({
      ...{ name: fc.constant(rest.name), dtype: fc.constant(rest.dtype), shape: fc.constant(shape) },
      bytes: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });
const tensors = fc.uniqueArray(tensor, { selector: (each) => each.name, maxLength: 6 });
const metadata = fc.dictionary(name, name, { maxKeys: 3 }).map((texts) => new Map(Object.entries(texts)));

describe("safetensors of the Python package", () => {
  it.each(files)("are read: $name", ({ hex: file, metadata: texts, tensors: expected }) => {
    const read = readSafetensors(hex(file));
    expect(read.tensors.map((each) => ({ ...each, bytes: toHex(each.bytes) }))).toEqual(expected);
    expect(Object.fromEntries(read.metadata)).toEqual(texts);
  });

  it("are what we write from the same tensors, but for the order of equal types and of metadata", () => {
    const { tensors: read } = readSafetensors(hex(files[1]?.hex ?? ""));
    expect(toHex(writeSafetensors(read))).toBe(files[1]?.hex);
  });
});

describe("a safetensors file", () => {
  it("holds what was written, larger elements first and else in the order given", () => {
    fc.assert(
      fc.property(tensors, metadata, (written, texts) => {
        const read = readSafetensors(writeSafetensors(written, texts));
        expect(read.tensors).toEqual(written.toSorted((one, other) => dtypeBytes[other.dtype] - dtypeBytes[one.dtype]));
        expect(read.metadata).toEqual(texts);
      }),
    );
  });

  it("has each tensor aligned to its elements", () => {
    fc.assert(
      fc.property(tensors, metadata, (written, texts) => {
        const read = readSafetensors(writeSafetensors(written, texts));
        for (const each of read.tensors) expect(each.bytes.byteOffset % dtypeBytes[each.dtype]).toBe(0);
      }),
    );
  });

  it("is read or refused by name, whichever bytes are altered, cut off or added", () => {
    const change = fc.record({ at: fc.nat(400), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 4 }) });
    fc.assert(
      fc.property(tensors, metadata, fc.array(change, { minLength: 1, maxLength: 3 }), (written, texts, changes) => {
        const file = [...writeSafetensors(written, texts)];
        for (const { at, remove, insert } of changes) file.splice(at % file.length, remove, ...insert);
        expect(isRefusedOrAccountedFor(Uint8Array.from(file))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is read or refused by name, whatever its header says", () => {
    const json = fc.json({ maxDepth: 4 }).map((text) => fileOf(text));
    const odd = fc.array(
      fc.constantFrom(...'{ } [ ] : , " \\ 0 1 - . e'.split(" "), '"dtype"', '"shape"', '"data_offsets"', '"U8"', "x"),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          json,
          odd.map((pieces) => fileOf(`{${pieces.join("")}`)),
        ),
        (file) => {
          expect(isRefusedOrAccountedFor(file)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("keeps names that would be lost or moved as keys of an object", () => {
    const written = ["__proto__", "constructor", "7", "a", "3"].map((each, index): SafeTensor => {
      return { name: each, dtype: "U8", shape: [1], bytes: Uint8Array.of(index) };
    });
    const texts = new Map([["__proto__", "kept"]]);
    const read = readSafetensors(writeSafetensors(written, texts));
    expect(read).toEqual({ tensors: written, metadata: texts });
    expect(Object.prototype).not.toHaveProperty("dtype");
  });

  it("may name tensors in another order than their bytes, and have holes of spaces in its header", () => {
    const file = withEntries(` ${entry("b", 2, 5)} ,\n${entry("none", 2, 2)}, ${entry("a", 0, 2)} `, 5);
    expect(readSafetensors(file).tensors.map((each) => each.name)).toEqual(["a", "none", "b"]);
  });

  it("allocates nothing for what its header claims", () => {
    const file = withEntries(entry("a", 0, 3), 3);
    expect(readSafetensors(file).tensors[0]?.bytes.buffer).toBe(file.buffer);
  });
});

describe("a hostile safetensors file is refused", () => {
  const long = "x".repeat(safetensorsLimits.nameLength);
  const many = (count: number): string => Array.from({ length: count }, (_, index) => entry(`${index}`, 0, 0)).join();
  it.each<[string, Uint8Array, SafetensorsRefusal]>([
    ["that is empty", new Uint8Array(), "file-too-short"],
    ["of 7 bytes", new Uint8Array(7), "file-too-short"],
    ["above the limit", new Uint8Array(safetensorsLimits.fileBytes + 1), "file-too-long"],
    ["whose header ends beyond it", Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d), "header-cut-off"],
    ["with a header of 2^64-1 bytes", new Uint8Array(16).fill(0xff), "header-too-long"],
    ["with a header above 1 MiB", fileOf(`{}${" ".repeat(2 ** 20 - 1)}`), "header-too-long"],
    ["without a header", fileOf(""), "header-invalid"],
    ["whose header is an array", fileOf("[]"), "header-invalid"],
    ["whose header starts with a space", fileOf(" {}"), "header-invalid"],
    ["whose header goes on after its end", fileOf("{}{}"), "header-invalid"],
    ["whose header is padded with zero bytes", fileOf("{}\0"), "header-invalid"],
    ["with an overlong character", fileOf(Uint8Array.of(0x7b, 0x22, 0xc0, 0x80, 0x22)), "header-not-utf8"],
    ["with a surrogate in UTF-8", fileOf(Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22)), "header-not-utf8"],
    ["with a key twice", withEntries(`${entry("a", 0, 0)},${entry("a", 0, 0)}`), "key-repeated"],
    ["with a key twice, once escaped", withEntries(`${entry("a", 0, 0)},${entry("\\u0061", 0, 0)}`), "key-repeated"],
    ["with metadata twice", withEntries('"__metadata__":{},"__metadata__":{}'), "key-repeated"],
    ["with a field twice", withEntries(`"a":{"dtype":"U8","dtype":"U8"}`), "key-repeated"],
    [
      "with an unknown field",
      withEntries(`"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":[]}`),
      "header-invalid",
    ],
    ["without a shape", withEntries(`"a":{"dtype":"U8","data_offsets":[0,0]}`), "header-invalid"],
    ["with metadata that is no text", withEntries('"__metadata__":{"a":1}'), "header-invalid"],
    ["with metadata that is no object", withEntries('"__metadata__":"a"'), "header-invalid"],
    ["with a deep nest", fileOf(`{"a":${"[".repeat(500_000)}`), "header-invalid"],
    ["with a string that does not end", fileOf('{"a'), "header-invalid"],
    ["with a line break in a string", fileOf('{"a\n":{}}'), "header-invalid"],
    ["with an unknown escape", fileOf('{"\\x61":{}}'), "header-invalid"],
    ["with a comma too many", withEntries(`${entry("a", 0, 0)},`), "header-invalid"],
    ["with a negative size", withEntries(entry("a", 0, 0, "[-1]")), "header-invalid"],
    ["with a size that is no integer", withEntries(entry("a", 0, 1, "[1.5]"), 1), "header-invalid"],
    ["with a size in exponent form", withEntries(entry("a", 0, 10, "[1e1]"), 10), "header-invalid"],
    ["with a size of leading zero", withEntries(entry("a", 0, 1, "[01]"), 1), "header-invalid"],
    ["with a size of 2^53", withEntries(entry("a", 0, 0, "[9007199254740992]")), "header-invalid"],
    ["with a size of 17 digits", withEntries(entry("a", 0, 0, "[10000000000000000]")), "header-invalid"],
    ["with nine dimensions", withEntries(entry("a", 0, 1, "[1,1,1,1,1,1,1,1,1]"), 1), "header-invalid"],
    ["with three offsets", withEntries('"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}'), "header-invalid"],
    ["with one offset", withEntries('"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}'), "offsets-invalid"],
    [
      "whose shape's product overflows",
      withEntries(entry("a", 0, 0, "[4294967296,4294967296,4294967296]")),
      "shape-invalid",
    ],
    ["with the type F4", withEntries(entry("a", 0, 1, "[1]", "F4"), 1), "dtype-unknown"],
    ["with the type toString", withEntries(entry("a", 0, 1, "[1]", "toString"), 1), "dtype-unknown"],
    ["with a name of no characters", withEntries(entry("", 0, 0)), "name-invalid"],
    ["with a name of 257 characters", withEntries(entry(`${long}x`, 0, 0)), "name-invalid"],
    ["with half a surrogate pair as a name", withEntries(entry("\\ud800", 0, 0)), "name-invalid"],
    ["of 4097 tensors", withEntries(many(safetensorsLimits.tensors + 1)), "too-many-tensors"],
    ["whose tensors overlap", withEntries(`${entry("a", 0, 4)},${entry("b", 2, 6)}`, 6), "offsets-invalid"],
    ["with the same bytes for two", withEntries(`${entry("a", 0, 4)},${entry("b", 0, 4)}`, 4), "offsets-invalid"],
    ["with a hole", withEntries(`${entry("a", 0, 4)},${entry("b", 5, 6)}`, 6), "offsets-invalid"],
    ["with a hole at the start", withEntries(entry("a", 1, 4), 4), "offsets-invalid"],
    ["with a tensor outside it", withEntries(entry("a", 0, 5), 4), "offsets-invalid"],
    ["whose offsets run backwards", withEntries(entry("a", 4, 0, "[4]"), 4), "offsets-invalid"],
    ["whose shape needs more bytes", withEntries(entry("a", 0, 4, "[5]"), 4), "offsets-invalid"],
    ["whose elements need more bytes", withEntries(entry("a", 0, 4, "[4]", "F32"), 4), "offsets-invalid"],
    ["with bytes at the end", withEntries(entry("a", 0, 4), 5), "bytes-left-over"],
    ["of bytes and no tensor", fileOf("{}", new Uint8Array(1)), "bytes-left-over"],
  ])("%s", (_, file, reason) => {
    expect(refusalOf(file)).toBe(reason);
  });

  it("but not at its limits", () => {
    expect(refusalOf(withEntries(entry(long, 0, 1, "[1,1,1,1,1,1,1,1]"), 1))).toBe("read");
    expect(refusalOf(withEntries(many(safetensorsLimits.tensors)))).toBe("read");
    expect(refusalOf(fileOf(`{}${" ".repeat(2 ** 20 - 2)}`))).toBe("read");
  });

  it("by the name of what it does not know", () => {
    const file = withEntries('"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"more":[]}');
    expect(() => readSafetensors(file)).toThrow('the tensor "a" has the unknown key "more"');
  });

  it("with a message that stays short", () => {
    const file = withEntries(entry("y".repeat(900_000), 0, 0));
    expect(() => readSafetensors(file)).toThrow(/^the name "y{64}\.\.\." has 900000 characters, not 1 to 256$/);
  });
});

describe("what would be refused is not written", () => {
  const one: SafeTensor = { name: "a", dtype: "F32", shape: [2], bytes: new Uint8Array(8) };
  it.each<[string, readonly SafeTensor[], RegExp]>([
    ["a name twice", [one, one], /taken/],
    ["the name of the metadata", [{ ...one, name: "__metadata__" }], /taken/],
    ["an empty name", [{ ...one, name: "" }], /0 characters/],
    ["bytes that do not fit", [{ ...one, bytes: new Uint8Array(7) }], /has 7 bytes: its shape needs 8/],
    ["a shape of nine dimensions", [{ ...one, shape: Array.from({ length: 9 }, () => 1) }], /9 dimensions/],
    ["half a size", [{ ...one, shape: [0.5] }], /0.5 is no size/],
    ["too many", Array.from({ length: 4_097 }, (_, at) => ({ ...one, name: `${at}` })), /4097 tensors/],
  ])("%s", (_, written, message) => {
    expect(() => writeSafetensors(written)).toThrow(message);
    expect(() => writeSafetensors(written)).toThrow(RangeError);
  });

  it("a header above the limit", () => {
    expect(() => writeSafetensors([], new Map([["a", "b".repeat(2 ** 20)]]))).toThrow(/too long/);
  });
});

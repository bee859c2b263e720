import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { der, integer } from "../../../../../test/fixtures/attestation/der-writer.js";
import { readCertificateFields } from "../../../src/verification/attestation/certificate-fields.js";
import { readDer, readDerValues, smallInteger } from "../../../src/verification/attestation/der.js";
import { known } from "../../fixtures.js";
import { authority, chainOf, real } from "./real.js";

describe("DER", () => {
  it("is read as it is written, of any length up to 64 KiB", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535]) {
      const content = Buffer.alloc(length, 5);
      expect(readDer(der(0x04, content))?.content).toEqual(content);
    }
  });

  it.each<[string, number[]]>([
    ["nothing", []],
    ["a tag alone", [4]],
    ["a length beyond the end", [4, 2, 0]],
    ["a length of no end", [4, 0x80, 0, 0]],
    ["a length in one byte more than it needs", [4, 0x81, 1, 0]],
    ["a length in two bytes where one is enough", [4, 0x82, 0, 0x80, ...Array.from({ length: 128 }, () => 0)]],
    ["a length that is cut", [4, 0x82, 1]],
    ["a length in three bytes", [4, 0x83, 0, 0, 1, 0]],
    ["a tag that goes on", [0x1f, 1, 0]],
    ["a value and something after it", [4, 1, 0, 0]],
  ])("that is %s is refused", (_what, bytes) => {
    expect(readDer(Uint8Array.from(bytes))).toBeUndefined();
  });

  it("has at most 64 values side by side", () => {
    const one = integer(1);
    expect(readDerValues(Buffer.concat(Array.from({ length: 64 }, () => one)))).toHaveLength(64);
    expect(readDerValues(Buffer.concat(Array.from({ length: 65 }, () => one)))).toBeUndefined();
  });

  it("has one form for each number from 0 to 255", () => {
    for (let value = 0; value < 256; value++) expect(smallInteger(known(readDer(integer(value))))).toBe(value);
    for (const bytes of [
      [2, 0],
      [2, 1, 0x80],
      [2, 2, 0, 0x7f],
      [2, 2, 1, 0x80],
      [2, 3, 0, 0, 0x80],
      [4, 1, 1],
    ]) {
      expect(smallInteger(known(readDer(Uint8Array.from(bytes))))).toBeUndefined();
    }
  });

  it("of any bytes is read within them, or refused, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const value = readDer(bytes);
        expect(value?.encoded.length ?? bytes.length).toBe(bytes.length);
        const values = readDerValues(bytes) ?? [];
        const total = values.reduce((sum, { encoded }) => sum + encoded.length, 0);
        expect([0, bytes.length]).toContain(total);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a certificate's fields", () => {
  it("are read of all that AMD has made", () => {
    const vceks = real.chipKeys.map(({ certificate, issuer }) => known(chainOf(certificate, issuer)[0]));
    for (const certificate of [...real.authorities.map(({ name }) => authority(name)), ...vceks]) {
      expect(readCertificateFields(certificate)).toMatchObject({ isPssSha384: true });
    }
  });

  it("are read or refused, and nothing is thrown, whatever is cut out of one, put in or changed", () => {
    const certificate = authority("ARK-Turin");
    const places = fc.nat({ max: certificate.length });
    fc.assert(
      fc.property(places, fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 40 }), (at, cut, put) => {
        const changed = Buffer.concat([certificate.subarray(0, at), put, certificate.subarray(at + cut)]);
        const fields = readCertificateFields(changed);
        const isAsLong = changed.length === certificate.length; // only then can its lengths be right
        expect(fields === undefined || isAsLong).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

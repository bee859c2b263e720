import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, equalBytes } from "../../../src/shared/bytes.js";
import { encodeCertificate, parseCertificate } from "../../../src/verification/certificate/certificate-file.js";
import { certificateLimits } from "../../../src/verification/certificate/quorum-certificate.js";
import { asVector, filled, known } from "../../fixtures.js";
import { agentsInOrder, certificateBy, primitives } from "./fixtures.js";

const { text } = primitives;
const certificate = certificateBy(agentsInOrder(3));
const file = encodeCertificate(certificate, text);
const parse = (bytes: Uint8Array) => parseCertificate(bytes, text);
const asText = text.decode(file);
type Written = Record<string, unknown> & { signers: { signature: string }[] };

/** What is said of the file when its object is changed. */
function changed(change: (written: Written) => void): unknown {
  const written = JSON.parse(asText) as Written;
  change(written);
  return parse(text.encode(`${JSON.stringify(written)}\n`));
}

describe("a certificate's file", () => {
  it("holds all of the certificate", () => {
    expect(asVector(parse(file))).toBe(asVector(certificate));
  });

  it("is one line of JSON, of less than 3 KiB a signer", () => {
    expect(asText.indexOf("\n")).toBe(asText.length - 1);
    expect(file.length).toBeLessThan(3 * 3_072);
    const most = { ...certificate, signers: Array.from({ length: 32 }, () => certificate.signers[0]) };
    expect(parse(encodeCertificate(most as typeof certificate, text))).toHaveProperty("signers.length", 32);
  });

  it("is of one form: what says the same otherwise is refused", () => {
    const pretty = `${JSON.stringify(JSON.parse(asText), null, 2)}\n`;
    const repeated = asText.replace('"chainId":31337', '"chainId":31337,"chainId":31337');
    for (const other of [
      pretty,
      asText.trimEnd(),
      ` ${asText}`,
      `\ufeff${asText}`,
      repeated,
      asText.replace("31337", "3.1337e4"),
    ]) {
      expect(parse(text.encode(other))).toBe("not-canonical");
    }
    expect(
      changed((written) => (known(written.signers[0]).signature = known(written.signers[0]).signature.toUpperCase())),
    ).toBe("malformed");
  });

  it("is refused by its version before anything else of it is believed", () => {
    expect(changed((written) => (written["aegisCertificate"] = 2))).toBe("unknown-version");
    expect(parse(text.encode('{"aegisReceipt":1}\n'))).toBe("unknown-version");
    expect(parse(text.encode("[]\n"))).toBe("unknown-version");
    for (const none of ["", "null", "7", "{"]) expect(parse(text.encode(none))).toBe("not-json");
    expect(parse(Uint8Array.of(0xff, 0xfe))).toBe("not-json");
  });

  it.each<[string, (written: Written) => void]>([
    ["a property too many", (written) => (written["more"] = 1)],
    ["a property too few", (written) => delete written["shared"]],
    ["a hash that is cut", (written) => (written["program"] = "11".repeat(31))],
    ["a signature of 64 bytes", (written) => (known(written.signers[1]).signature = "11".repeat(64))],
    ["a signature of 66 bytes", (written) => (known(written.signers[1]).signature += "00")],
    ["a chain of 0", (written) => (written["chainId"] = 0)],
    ["a chain beyond 2^53", (written) => (written["chainId"] = 2 ** 60)],
    ["an engine of 65 characters", (written) => (written["engine"] = "x".repeat(65))],
    ["an engine that would move a terminal's cursor", (written) => (written["engine"] = "wasm \u001b[2J")],
    ["33 signers", (written) => (written.signers = Array.from({ length: 33 }, () => known(written.signers[0])))],
    ["signers that are none", (written) => (written["signers"] = {} as never)],
  ])("is refused with %s", (_what, change) => {
    expect(changed(change)).toBe("malformed");
  });

  it("is refused unread beyond its bound, as with 10,000 signers", () => {
    const many = { ...certificate, signers: Array.from({ length: 10_000 }, () => certificate.signers[0]) };
    expect(parse(encodeCertificate(many as typeof certificate, text))).toBe("too-large");
    expect(parse(filled(0x5b, certificateLimits.fileBytes + 1))).toBe("too-large");
    expect(parse(filled(0x5b, certificateLimits.fileBytes))).toBe("not-json"); // 131,072 brackets within one another
  });

  it("never throws, whatever is done to its bytes", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => file.with(at, byte)),
      fc.nat(file.length - 1).map((length) => file.subarray(0, length)),
      fc.json().map((json) => text.encode(`${json}\n`)),
      fc.uint8Array({ maxLength: 20 }).map((more) => concatBytes(file, more)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        const parsed = parse(Uint8Array.from(bytes));
        const again = typeof parsed === "string" ? bytes : encodeCertificate(parsed, text);
        expect(equalBytes(again, bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/shared/bytes.js";
import { parseCertificate } from "../../../src/verification/certificate/certificate-file.js";
import { certificateDigest } from "../../../src/verification/certificate/typed-data.js";
import { verifyQuorumCertificate } from "../../../src/verification/certificate/verify.js";
import { known, vectorFile } from "../../fixtures.js";
import { demandOf, primitives } from "./fixtures.js";

interface Vector {
  readonly pool: string;
  readonly chainId: number;
  /** What its signers have signed, by EIP-712. */
  readonly digest: string;
  /** The file, byte for byte. */
  readonly certificate: string;
  readonly operators: readonly string[];
  /** The same file with one thing changed, and why it is none then. */
  readonly changed: readonly { readonly from: string; readonly to: string; readonly refusal: string }[];
}

const vector = JSON.parse(await readFile(vectorFile("quorum-certificate"), "utf8")) as Vector;
const demand = demandOf({ pool: known(fromHex(vector.pool)), chainId: vector.chainId });

function read(text: string) {
  const certificate = parseCertificate(primitives.text.encode(text), primitives.text);
  return typeof certificate === "string" ? certificate : verifyQuorumCertificate(certificate, demand, primitives);
}

describe("the certificate in vectors/quorum-certificate.json", () => {
  it("is by three operators, who have signed its digest", () => {
    const signers = read(vector.certificate);
    if (typeof signers === "string") throw new TypeError(signers);
    expect(signers.map(({ operator }) => toHex(operator))).toEqual(vector.operators);
    const certificate = parseCertificate(primitives.text.encode(vector.certificate), primitives.text);
    if (typeof certificate === "string") throw new TypeError(certificate);
    expect(toHex(certificateDigest(certificate.statement, certificate.domain, primitives))).toBe(vector.digest);
  });

  it.each(vector.changed)("is none with $to instead of $from: $refusal", ({ from, to, refusal }) => {
    expect(vector.certificate.split(from).length).toBeGreaterThan(1);
    expect(read(vector.certificate.replace(from, to))).toBe(refusal);
  });
});

import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AegisError, type HostCertificates } from "@aegis-pool/core";

const pem = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The certificates in files that the owner names, PEM with any number or DER with one: which is which, each says itself. What they are worth
 * is for those to judge who are shown them.
 * @throws {AegisError} `bad-argument` where a file cannot be read or has something else in it
 */
export async function readChainFiles(paths: readonly string[]): Promise<HostCertificates> {
  const found: { vcek?: Uint8Array; ask?: Uint8Array; ark?: Uint8Array } = {};
  for (const path of paths) {
    for (const certificate of await certificatesIn(path)) found[placeOf(certificate)] = certificate.raw;
  }
  return found;
}

async function certificatesIn(path: string): Promise<X509Certificate[]> {
  try {
    const bytes = await readFile(path);
    const texts = bytes.toString("latin1").match(pem);
    return (texts ?? [bytes]).map((one) => new X509Certificate(one));
  } catch (cause) {
    throw new AegisError({
      code: "bad-argument",
      message: `${path} is not a file of X.509 certificates.`,
      next: "Name files with the chip's certificate (VCEK) and those above it (ASK, ARK), as AMD's key server gives them.",
      cause,
    });
  }
}

function placeOf(certificate: X509Certificate): keyof HostCertificates {
  if (!certificate.ca) return "vcek";
  return certificate.checkIssued(certificate) ? "ark" : "ask";
}

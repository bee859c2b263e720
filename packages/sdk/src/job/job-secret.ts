import { randomBytes } from "node:crypto";
import { createEd25519Signer, type StoredSigner, signerFromPem } from "@aegis-pool/platform";
import { AegisError } from "@aegis-pool/core";

/** What makes a job its requester's: a one-time signing key, which names it, and the secret from which all its keys come. */
export interface JobSecret {
  readonly signer: StoredSigner;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export function createJobSecret(): JobSecret {
  return { signer: createEd25519Signer(), secret: randomBytes(32) };
}

/** The secret as text for a file that only its owner can read. */
export function exportJobSecret({ signer, secret }: JobSecret): string {
  return JSON.stringify({ version: 1, key: signer.exportPem(), secret: Buffer.from(secret).toString("hex") });
}

/** @throws {AegisError} `key-unreadable` */
export function importJobSecret(text: string): JobSecret {
  const { key, secret } = parse(text);
  const signer = typeof key === "string" ? signerFromPem(key) : undefined;
  const bytes = Buffer.from(typeof secret === "string" ? secret : "", "hex");
  if (signer && bytes.length === 32) return { signer, secret: bytes };
  throw new AegisError({
    code: "key-unreadable",
    message: "The job file holds no job secret of this version.",
    next: "Restore it from your backup; without it the job's results cannot be opened.",
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
